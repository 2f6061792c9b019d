package plan

import (
	"maps"
	"slices"
	"time"
)

// Kind is a kind of fault.
type Kind string

// The kinds.
const (
	KillCollect     Kind = "kill collect"
	KillProcess     Kind = "kill process"
	KillProject     Kind = "kill project"
	KillServe       Kind = "kill serve"
	FreezeProcess   Kind = "freeze process" // longer than its session: it wakes as a zombie
	FreezeProject   Kind = "freeze project"
	FreezeServe     Kind = "freeze serve"
	AddWorker       Kind = "add worker" // and take it away again
	KillBroker      Kind = "kill broker"
	StopBroker      Kind = "stop broker"
	MoveLeaders     Kind = "move leaders"
	KillPostgres    Kind = "kill postgres"
	FlushRedis      Kind = "flush redis"
	KillRedis       Kind = "kill redis"
	CutKafka        Kind = "cut kafka"
	CutPostgres     Kind = "cut postgres"
	CutRedis        Kind = "cut redis"
	DelayKafka      Kind = "delay kafka"
	DelayPostgres   Kind = "delay postgres"
	DelayRedis      Kind = "delay redis"
	SilenceKafka    Kind = "silence kafka" // a black hole
	SilencePostgres Kind = "silence postgres"
	SilenceRedis    Kind = "silence redis"
	Poison          Kind = "poison"
)

// Kinds returns all kinds, in a fixed order.
func Kinds() []Kind { return slices.Sorted(maps.Keys(kinds)) }

// The names of the roles' processes.
const (
	Collect  = "collect"
	ProcessA = "process-a"
	ProcessB = "process-b"
	ProcessC = "process-c" // comes and goes
	Project  = "project"
	Serve1   = "serve-1"
	Serve2   = "serve-2"
)

// one describes a kind.
type one struct {
	on          string // what it breaks: two faults at a time never break the same
	targets     []string
	least, most time.Duration // how long it lasts
	delays      bool
}

var kinds = map[Kind]one{
	KillCollect: {on: "collect", targets: []string{Collect}},
	KillProcess: {on: "process", targets: []string{ProcessA, ProcessB}},
	KillProject: {on: "project", targets: []string{Project}},
	KillServe:   {on: "serve", targets: []string{Serve1, Serve2}},
	FreezeProcess: {on: "process", targets: []string{ProcessA, ProcessB}, least: 8 * time.Second,
		most: 20 * time.Second},
	FreezeProject:   {on: "project", targets: []string{Project}, least: 5 * time.Second, most: 14 * time.Second},
	FreezeServe:     {on: "serve", targets: []string{Serve1, Serve2}, least: 3 * time.Second, most: 8 * time.Second},
	AddWorker:       {on: "process", targets: []string{ProcessC}, least: 6 * time.Second, most: 10 * time.Second},
	KillBroker:      {on: "kafka", targets: []string{"0", "1", "2"}, least: 3 * time.Second, most: 8 * time.Second},
	StopBroker:      {on: "kafka", targets: []string{"0", "1", "2"}, least: 3 * time.Second, most: 8 * time.Second},
	MoveLeaders:     {on: "kafka"},
	KillPostgres:    {on: "postgres", least: time.Second, most: 4 * time.Second},
	FlushRedis:      {on: "redis"},
	KillRedis:       {on: "redis", least: time.Second, most: 5 * time.Second},
	CutKafka:        {on: "kafka"},
	CutPostgres:     {on: "postgres"},
	CutRedis:        {on: "redis"},
	DelayKafka:      {on: "kafka", least: 5 * time.Second, most: 8 * time.Second, delays: true},
	DelayPostgres:   {on: "postgres", least: 4 * time.Second, most: 6 * time.Second, delays: true},
	DelayRedis:      {on: "redis", least: 4 * time.Second, most: 6 * time.Second, delays: true},
	SilenceKafka:    {on: "kafka", least: 3 * time.Second, most: 6 * time.Second},
	SilencePostgres: {on: "postgres", least: 3 * time.Second, most: 6 * time.Second},
	SilenceRedis:    {on: "redis", least: 3 * time.Second, most: 6 * time.Second},
	Poison:          {on: "log"},
}
