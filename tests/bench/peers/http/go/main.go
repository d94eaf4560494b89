// The peer of Go's: net/http, with as many idle connections as are used.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

type command struct {
	Do          string
	URL         string
	Connections int
	Count       int64
}

func cpu() float64 {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	ms := func(t syscall.Timeval) float64 {
		return float64(t.Sec)*1e3 + float64(t.Usec)/1e3
	}
	return ms(usage.Utime) + ms(usage.Stime)
}

func drain(response *http.Response, err error) int64 {
	if err != nil {
		panic(err)
	}
	defer response.Body.Close()
	n, err := io.CopyBuffer(io.Discard, struct{ io.Reader }{response.Body}, make([]byte, 256<<10))
	if err != nil {
		panic(err)
	}
	return n
}

func get(client *http.Client, c command) {
	left := c.Count
	var all sync.WaitGroup
	for i := 0; i < c.Connections; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for atomic.AddInt64(&left, -1) >= 0 {
				response, err := client.Get(c.URL)
				if err != nil {
					panic(err)
				}
				io.Copy(io.Discard, response.Body)
				response.Body.Close()
			}
		}()
	}
	all.Wait()
}

type pieces struct {
	left int64
}

func (p *pieces) Read(into []byte) (int, error) {
	if p.left == 0 {
		return 0, io.EOF
	}
	n := int(min(p.left, int64(len(into))))
	p.left -= int64(n)
	return n, nil // what is in the buffer will do
}

func main() {
	client := &http.Client{Transport: &http.Transport{
		MaxIdleConns:        2000,
		MaxIdleConnsPerHost: 2000,
		DisableCompression:  true,
		ReadBufferSize:      64 << 10,
		WriteBufferSize:     64 << 10,
	}}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var c command
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			panic(err)
		}
		start, before := time.Now(), cpu()
		switch c.Do {
		case "get":
			get(client, c)
		case "down":
			if n := drain(client.Get(c.URL)); n != c.Count {
				panic(n)
			}
		case "up":
			request, _ := http.NewRequest("POST", c.URL, &pieces{left: c.Count})
			request.ContentLength = c.Count
			drain(client.Do(request))
		}
		fmt.Printf("{\"wall\":%f,\"cpu\":%f}\n",
			float64(time.Since(start).Microseconds())/1e3, cpu()-before)
	}
}
