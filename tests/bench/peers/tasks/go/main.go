// The operations of the benches in Go, on one processor, as all others have.
//
// A line on the standard input names an operation and how often to do it; the
// answer is how many milliseconds that took, by the clock and of the processor.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"
)

const batch = 1000

var operations = map[string]func(n int){
	"yield": func(n int) {
		done := make(chan struct{})
		go func() {
			for i := 0; i < n; i++ {
				runtime.Gosched()
			}
			close(done)
		}()
		<-done
	},

	"spawn": func(n int) {
		for done := 0; done < n; done += batch {
			var all sync.WaitGroup
			all.Add(batch)
			for i := 0; i < batch; i++ {
				go func() {
					runtime.Gosched()
					all.Done()
				}()
			}
			all.Wait()
		}
	},

	"roundTrip": func(n int) {
		to, from := make(chan int, 1), make(chan int, 1)
		go func() {
			for i := 0; i < n; i++ {
				from <- <-to
			}
		}()
		for i := 0; i < n; i++ {
			to <- i
			<-from
		}
	},

	"timer": func(n int) {
		timers := make([]*time.Timer, batch)
		for done := 0; done < n; done += batch {
			for i := range timers {
				delay := time.Duration(1+(i*7919)%60_000) * time.Millisecond
				timers[i] = time.AfterFunc(delay, func() {})
			}
			for _, timer := range timers {
				timer.Stop()
			}
		}
	},
}

func main() {
	runtime.GOMAXPROCS(1)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var name string
		var n int
		if _, err := fmt.Sscan(lines.Text(), &name, &n); err != nil {
			panic(err)
		}
		operation, known := operations[name]
		if !known {
			panic("no operation " + name)
		}
		start, before := time.Now(), processorTime()
		operation(n)
		wall, cpu := time.Since(start), processorTime()-before
		fmt.Println(wall.Seconds()*1e3, cpu.Seconds()*1e3)
	}
}

func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
