package daemon

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// fetchTimeout bounds the download of one daemon.
const fetchTimeout = 5 * time.Minute

// Fetch sees to it that a daemon's files are unpacked in the user's cache folder, and
// returns the folder they are in. It downloads with apt the daemon's packages and those of
// their dependencies that the machine lacks, and installs nothing. It is safe to call from
// several processes at once.
//
// The error says what is missing: Linux, root, apt, or the packages themselves.
func Fetch(ctx context.Context, kind Kind) (dir string, err error) {
	if err := supported(); err != nil {
		return "", err
	}
	base, err := cacheDir()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(base, 0o755); err != nil {
		return "", err
	}
	name := kind.String()
	dir = filepath.Join(base, name)
	unlock, err := lock(ctx, filepath.Join(base, name+".lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}

	// What an interrupted download left is in the way of nobody but the disk.
	work := filepath.Join(base, name+".partial")
	if err := os.RemoveAll(work); err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	archives, tree := filepath.Join(work, "archives"), filepath.Join(work, "tree")
	for _, d := range []string{filepath.Join(archives, "partial"), tree} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return "", err
		}
	}
	// --reinstall names the daemon's own packages also where they are installed.
	args := []string{"-qq", "-y", "--no-install-recommends", "--reinstall", "--download-only",
		"-o", "Dir::Cache::archives=" + archives, "-o", "APT::Sandbox::User=root", "install"}
	if err := command(ctx, "apt-get", append(args, flavours[kind].packages...)...); err != nil {
		return "", fmt.Errorf("%w (are the package lists fresh? `apt-get update` renews them)", err)
	}
	debs, err := filepath.Glob(filepath.Join(archives, "*.deb"))
	if err != nil {
		return "", err
	}
	for _, deb := range debs {
		if err := command(ctx, "dpkg", "-x", deb, tree); err != nil {
			return "", err
		}
	}
	return dir, os.Rename(tree, dir)
}

// command runs a program and puts what it said into the error.
func command(ctx context.Context, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}

// cacheDir is where daemons are unpacked: one folder per distribution, release and
// architecture, so that a shared home folder does no harm.
func cacheDir() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	release := "unknown"
	if b, err := os.ReadFile("/etc/os-release"); err == nil {
		fields := map[string]string{}
		for line := range strings.Lines(string(b)) {
			if k, v, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
				fields[k] = strings.Trim(v, `"'`)
			}
		}
		release = fields["ID"] + "-" + fields["VERSION_ID"]
	}
	return filepath.Join(cache, "pasv", "daemons", release+"-"+runtime.GOARCH), nil
}
