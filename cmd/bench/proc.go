package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// clockTick is the unit of processor time in /proc (USER_HZ, 100 on every Linux
// that Go runs on).
const clockTick = 10 * time.Millisecond

// processorTimes returns the processor time so far of the process pid and of
// all below it, reaped children included: "frontdesk" for itself, "postgres"
// and "clickhouse" for its engines.
func processorTimes(pid int) (map[string]time.Duration, error) {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	parent, spent := map[int]int{}, map[int]time.Duration{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended meanwhile
		}
		id, _ := strconv.Atoi(strings.Split(file, "/")[2])
		fields := strings.Fields(string(raw[strings.LastIndexByte(string(raw), ')')+1:]))
		if len(fields) < 15 {
			return nil, fmt.Errorf("%s has %d fields after the name", file, len(fields))
		}
		parent[id], _ = strconv.Atoi(fields[1])
		for _, f := range fields[11:15] { // utime, stime, cutime, cstime (proc(5))
			n, _ := strconv.ParseInt(f, 10, 64)
			spent[id] += time.Duration(n) * clockTick
		}
	}
	times := map[string]time.Duration{}
	for id, t := range spent {
		if below(parent, id, pid) {
			times[engine(id, pid)] += t
		}
	}
	return times, nil
}

func below(parent map[int]int, id, root int) bool {
	for ; id > 1; id = parent[id] {
		if id == root {
			return true
		}
	}
	return false
}

// engine tells what a process of the family is by its command line.
func engine(id, root int) string {
	if id == root {
		return "frontdesk"
	}
	line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", id))
	if strings.Contains(string(line), "postgres") {
		return "postgres"
	}
	return "clickhouse"
}
