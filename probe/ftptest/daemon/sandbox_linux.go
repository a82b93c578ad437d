package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// supported says what this machine lacks.
func supported() error {
	if os.Getuid() != 0 {
		return errors.New("starting a daemon needs root")
	}
	for _, tool := range []string{"apt-get", "dpkg", "mount", "sh"} {
		if _, err := exec.LookPath(tool); err != nil {
			return fmt.Errorf("starting a daemon needs %s", tool)
		}
	}
	return nil
}

// script lays out /mnt (elsewhere first, since the test's folder may lie below it), lays what is in /mnt/etc/over over /etc, starts the daemon ("$@") and ends when it ends or when the
// pipe on standard input closes, as it does when the test process dies in whatever way.
// As the first process of the namespace its end is the end of all.
const script = `set -e
cd "$PASV_DIR"
mkdir mnt
mount -t tmpfs -o mode=755 tmpfs mnt
mkdir mnt/pkg mnt/home mnt/etc mnt/log mnt/run mnt/empty
mount --bind "$PASV_PKG" mnt/pkg
for d in home etc log run empty; do mount --bind "$d" "mnt/$d"; done
mount --rbind mnt /mnt
if [ "$PASV_READ_ONLY" = true ]; then mount -o remount,bind,ro /mnt/home; fi
for f in /mnt/etc/over/*; do
	if [ -e "$f" ]; then mount --bind "$f" "/etc/${f##*/}"; fi
done
unset PASV_PKG PASV_DIR PASV_READ_ONLY
cd /
exec 3<&0
env "LD_LIBRARY_PATH=$PASV_LIBS" "$@" </dev/null 3<&- &
daemon=$!
(cat <&3 >/dev/null; kill -KILL $daemon) &
exec 3<&-
wait $daemon
`

// sandbox returns the command that runs a daemon in mount and process namespaces of its own.
func sandbox(dir, pkg string, readOnly bool, s setup) *exec.Cmd {
	cmd := exec.Command("/bin/sh", append([]string{"-c", script, "sh"}, s.argv...)...)
	cmd.Env = append([]string{
		// The package's programs come first, then the system's: never those of a developer's shell.
		"PATH=/mnt/pkg/usr/sbin:/mnt/pkg/usr/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"LC_ALL=C", "HOME=/",
		"PASV_DIR=" + dir, "PASV_PKG=" + pkg, "PASV_LIBS=" + libraries(pkg),
		"PASV_READ_ONLY=" + strconv.FormatBool(readOnly),
	}, s.env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWPID,
		// Unshared rather than cloned: then Go also keeps its mounts from the rest of the machine.
		Unshareflags: syscall.CLONE_NEWNS,
		Setpgid:      true,
	}
	return cmd
}

// libraries returns the folders of shared libraries in the unpacked packages, as the daemon sees them.
func libraries(pkg string) string {
	var dirs []string
	for _, pattern := range []string{"usr/lib/*-linux-gnu*", "lib/*-linux-gnu*"} {
		found, _ := filepath.Glob(filepath.Join(pkg, pattern)) // the pattern is well-formed
		for _, f := range found {
			dirs = append(dirs, "/mnt/pkg"+strings.TrimPrefix(f, pkg))
		}
	}
	return strings.Join(dirs, ":")
}

// lock waits for the lock on a file.
func lock(ctx context.Context, name string) (unlock func(), err error) {
	for {
		f, err := tryLock(name)
		if err != nil {
			return nil, err
		}
		if f != nil {
			return func() { _ = f.Close() }, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for %s: %w", name, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// tryLock returns the file, locked until it is closed, or nil if somebody else has the lock.
func tryLock(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return f, nil
	}
	_ = f.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, nil
	}
	return nil, err
}
