// The usual way in Go: miekg/dns, so many workers, each with a socket of its own.
//
//	mx-go RESOLVER WORKERS <names
package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/miekg/dns"
)

func ask(conn *dns.Conn, client *dns.Client, name string) bool {
	for attempt := 0; attempt < 3; attempt++ {
		query := new(dns.Msg)
		query.SetQuestion(name+".", dns.TypeMX)
		query.SetEdns0(1232, false)
		if _, _, err := client.ExchangeWithConn(query, conn); err == nil {
			return true
		}
	}
	return false
}

func main() {
	workers, _ := strconv.Atoi(os.Args[2])
	names := make(chan string, 1000)
	var group sync.WaitGroup
	var silent, count int64
	started := time.Now()
	for i := 0; i < workers; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			client := &dns.Client{Timeout: 500 * time.Millisecond}
			conn, err := client.Dial(os.Args[1])
			if err != nil {
				panic(err)
			}
			for name := range names {
				if !ask(conn, client, name) {
					atomic.AddInt64(&silent, 1)
				}
			}
		}()
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		names <- lines.Text()
		count++
	}
	close(names)
	group.Wait()
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	cpu := float64(usage.Utime.Sec+usage.Stime.Sec) + float64(usage.Utime.Usec+usage.Stime.Usec)/1e6
	wall := time.Since(started).Seconds()
	fmt.Printf("domains %d silent %d seconds %.2f domains/s %.0f cpu-us/domain %.2f\n", count, silent, wall,
		float64(count)/wall, cpu*1e6/float64(count))
}
