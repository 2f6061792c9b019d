package statsbomb

import (
	"encoding/json"
	"fmt"
)

// competitionsName is the file beside the folders of matches and events that lists the competitions.
const competitionsName = "competitions.json"

// readWomensCompetitions enters the ids of women's competitions into a set: files of matches do not always tell, and
// women's and men's competitions have the same names.
func readWomensCompetitions(data []byte, women map[json.Number]bool) error {
	var competitions []struct {
		ID     json.Number `json:"competition_id"`
		Gender string      `json:"competition_gender"`
	}
	if err := json.Unmarshal(data, &competitions); err != nil {
		return fmt.Errorf("it is no list of competitions: %w", err)
	}
	for _, c := range competitions {
		if c.Gender == "female" {
			women[c.ID] = true
		}
	}
	return nil
}
