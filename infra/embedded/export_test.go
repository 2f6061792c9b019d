package embedded

// Abandon frees the folder and leaves the server running, as a process does that is killed where nothing ties the
// server to it.
func (p *Postgres) Abandon() error { return p.dir.unlockFolder() }

// NeedFree sets how many bytes must be free before the broker takes a record. No client may be in.
func (k *Kafka) NeedFree(bytes int64) { k.space.leastFree = bytes }

// PID returns the process id of the server.
func (p *Postgres) PID() int { return p.process.Process.Pid }

// ServesData reports whether the process is a server on the data.
func ServesData(pid int, data string) bool { return servesData(pid, data) }
