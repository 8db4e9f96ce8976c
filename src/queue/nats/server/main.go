// Package main links the real nats-server into the product as a C archive (see linked_server.cpp).
package main

/*
#include <stdlib.h>
typedef void (*fc_nats_log)(int is_error, const char* text);
typedef struct { int handle; int port; char* server_id; char* error; } fc_nats_started;
static inline void fc_nats_call_log(fc_nats_log log, int is_error, const char* text) { log(is_error, text); }
*/
import "C"

import (
	"errors"
	"fmt"
	"net"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"github.com/nats-io/nats-server/v2/server"
)

const (
	startTimeout = 10 * time.Second
	threadsMax   = 4
)

var (
	mutex   sync.Mutex
	running = map[C.int]*server.Server{}
	last    C.int
)

// toHost passes warnings and errors to the host's log and keeps the text that explains a failed start.
type toHost struct {
	log   C.fc_nats_log
	mutex sync.Mutex
	fatal string
}

func (l *toHost) write(isError C.int, format string, v ...any) {
	if l.log == nil {
		return
	}
	text := C.CString(fmt.Sprintf(format, v...))
	defer C.free(unsafe.Pointer(text))
	C.fc_nats_call_log(l.log, isError, text)
}

func (l *toHost) Noticef(string, ...any)         {}
func (l *toHost) Debugf(string, ...any)          {}
func (l *toHost) Tracef(string, ...any)          {}
func (l *toHost) Warnf(format string, v ...any)  { l.write(0, format, v...) }
func (l *toHost) Errorf(format string, v ...any) { l.write(1, format, v...) }
func (l *toHost) Fatalf(format string, v ...any) {
	l.mutex.Lock()
	l.fatal = fmt.Sprintf(format, v...)
	l.mutex.Unlock()
}

func (l *toHost) reason(otherwise string) error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.fatal != "" {
		return errors.New(l.fatal)
	}
	return errors.New(otherwise)
}

// checkPort refuses a port that another process owns; the server itself would only log it.
func checkPort(host string, port int) error {
	listener, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("port %d is already in use (NATS_PORT)", port)
	}
	if err != nil {
		return fmt.Errorf("cannot listen on %s:%d (NATS_PORT): %v", host, port, err)
	}
	return listener.Close()
}

func start(host string, port int, dir string, log *toHost) (*server.Server, error) {
	if err := checkPort(host, port); err != nil {
		return nil, err
	}
	if port == 0 {
		port = server.RANDOM_PORT
	}
	runtime.GOMAXPROCS(min(runtime.NumCPU(), threadsMax))
	s, err := server.NewServer(&server.Options{
		ServerName: "flowcatalyst", Host: host, Port: port, JetStream: true, StoreDir: dir, NoSigs: true,
	})
	if err != nil {
		return nil, err
	}
	s.SetLoggerV2(log, false, false, false)
	s.Start()
	if !s.ReadyForConnections(startTimeout) || !s.JetStreamEnabled() {
		s.Shutdown()
		s.WaitForShutdown()
		return nil, log.reason("the linked nats-server did not become ready")
	}
	return s, nil
}

//export fc_nats_start
func fc_nats_start(host *C.char, port C.int, dir *C.char, log C.fc_nats_log) (result C.fc_nats_started) {
	s, err := start(C.GoString(host), int(port), C.GoString(dir), &toHost{log: log})
	if err != nil {
		result.error = C.CString(err.Error())
		return
	}
	mutex.Lock()
	defer mutex.Unlock()
	last++
	running[last] = s
	result.handle = last
	result.port = C.int(s.Addr().(*net.TCPAddr).Port)
	result.server_id = C.CString(s.ID())
	return
}

//export fc_nats_stop
func fc_nats_stop(handle C.int) {
	mutex.Lock()
	s := running[handle]
	delete(running, handle)
	mutex.Unlock()
	if s != nil {
		s.Shutdown()
		s.WaitForShutdown()
	}
}

func main() {}
