package wire

// Names of the stages, as they stand in the names of topics and groups, in headers, metrics and settings.
const (
	StageNormalize = "normalize"
	StageFeatures  = "features"
	StagePredict   = "predict"
	StageEvaluate  = "evaluate"
	StageOutlook   = "outlook"
)

// Stage is one row of the table of stages. What a stage writes stands in the table of topics.
type Stage struct {
	Name  string
	Reads string // its input topic, as version 1 calls it

	// Critical stages lie on the way from an event to its forecasts. In the chained layout they share a transaction.
	Critical bool
}

// Stages returns the table of the line's stages, each after the one that writes what it reads. Their code is in
// processors/<name>; streams/line binds the two.
func Stages() []Stage {
	return []Stage{
		{Name: StageNormalize, Reads: TopicRawEvents, Critical: true},
		{Name: StageFeatures, Reads: TopicMatchEvents, Critical: true},
		{Name: StagePredict, Reads: TopicMatchFeatures, Critical: true},
		{Name: StageEvaluate, Reads: TopicPredictions},
		{Name: StageOutlook, Reads: TopicMatchFeatures},
	}
}

// StageNames returns the names of the stages, in the order of the line.
func StageNames() []string {
	var names []string
	for _, stage := range Stages() {
		names = append(names, stage.Name)
	}
	return names
}

// StageOf returns the row of a stage.
func StageOf(name string) (Stage, bool) {
	for _, stage := range Stages() {
		if stage.Name == name {
			return stage, true
		}
	}
	return Stage{}, false
}

// Writes returns the topics that the stage writes to; quarantine and its changelog apart.
func (s Stage) Writes() []Topic {
	var topics []Topic
	for _, topic := range Topics() {
		if topic.Writer == s.Name {
			topics = append(topics, topic)
		}
	}
	return topics
}
