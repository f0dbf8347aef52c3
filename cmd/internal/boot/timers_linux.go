package boot

import (
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// timerSlack is by how much the kernel may put off a wake-up of this process.
// It is a small part of the shortest wait that anything here asks for.
const timerSlack = 2 * time.Millisecond

// RelaxTimers lets the kernel wake this process for what is due a little later,
// along with what is due then. Without it Go's monitor, which looks each 20 µs at
// what the other threads do, wakes thousands of times a second wherever there is
// little to do at a time, and takes the place of a thread that is in a system
// call for longer than that: a sixth of what a server with some hundred
// messages a second cost.
//
// A thread has the slack of the one that made it, and the monitor is made before
// anything of this program runs, so the program begins anew, once, as the same
// process. Call it before anything else. It returns where that is done already
// or cannot be; then all is as if it had not been called.
func RelaxTimers() {
	runtime.LockOSThread() // the thread that executes is the one that is left
	defer runtime.UnlockOSThread()
	slack, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
	if err != nil || time.Duration(slack) >= timerSlack {
		return
	}
	path, err := os.Executable()
	if err != nil || unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(timerSlack), 0, 0, 0) != nil {
		return
	}
	_ = unix.Exec(path, os.Args, os.Environ())
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 0, 0, 0, 0) // back to what it was
}
