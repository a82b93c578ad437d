package ftptest

import "slices"

// Fault breaks the server in one named way. Faults that concern different decisions can be
// combined.
type Fault struct {
	// Name is kebab-case and stable.
	Name string
	// About says in one sentence what the server does wrong, and which Config it needs to show.
	About string
	// Catches are the requirements (PASV-007) and finding codes (address-zero) that must
	// notice, first the one that the fault is made for. What the fault merely makes untestable
	// is not among them.
	Catches []string

	apply func(*hooks)
}

// Faults returns all faults, in a fixed order.
func Faults() []Fault {
	return slices.Concat(pasvFaults, addressFaults, listenerFaults, passiveFaults, epsvFaults, controlFaults, loginFaults,
		downloadFaults, damageFaults, uploadFaults, restartFaults, representationFaults, minimumFaults, infoFaults,
		directoryFaults, featureFaults, metadataFaults, listingFaults, encodingFaults, tlsFaults, hostFaults, securityFaults, protectionFaults, loadFaults, fileFaults, endpointFaults)
}

// LookupFault returns the fault of a name.
func LookupFault(name string) (Fault, bool) {
	all := Faults()
	i := slices.IndexFunc(all, func(f Fault) bool { return f.Name == name })
	if i < 0 {
		return Fault{}, false
	}
	return all[i], true
}
