// main FOLDER: AfterShip/email-verifier's syntax check on the lists and cases of FOLDER; one line of JSON.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"sort"
	"strings"
	"syscall"

	emailverifier "github.com/AfterShip/email-verifier"
)

const passes = 5

var verifier = emailverifier.NewVerifier()

func isValid(text string) bool {
	return verifier.ParseAddress(text).Valid
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Of the whole process, its collector included.
func cpuNanoseconds() int64 {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return syscall.TimevalToNsec(usage.Utime) + syscall.TimevalToNsec(usage.Stime)
}

func measure(path string) float64 {
	bytes, err := os.ReadFile(path)
	must(err)
	rows := strings.Split(strings.TrimSpace(string(bytes)), "\n")
	var times []float64
	for i := 0; i < passes; i++ {
		begin := cpuNanoseconds()
		for _, row := range rows {
			isValid(row)
		}
		times = append(times, float64(cpuNanoseconds()-begin)/float64(len(rows)))
	}
	sort.Float64s(times)
	return times[passes/2]
}

func version() string {
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		if module.Path == "github.com/AfterShip/email-verifier" {
			return module.Version
		}
	}
	return "?"
}

func main() {
	folder := os.Args[1]
	var cases []struct{ Text string }
	bytes, err := os.ReadFile(folder + "/cases.json")
	must(err)
	must(json.Unmarshal(bytes, &cases))
	answers := make([]bool, len(cases))
	for i, one := range cases {
		answers[i] = isValid(one.Text)
	}
	must(json.NewEncoder(os.Stdout).Encode(map[string]any{
		"name": "Go email-verifier " + version() + ", syntax only", "plain": measure(folder + "/plain.txt"),
		"idn": measure(folder + "/idn.txt"), "answers": answers}))
}
