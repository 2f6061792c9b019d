package football_test

import (
	"os"
	"strings"
	"testing"

	"github.com/touchline/touchline/schemas/football"
)

// TestNamesOfPublicCollectionsAreKnown checks that a league's names are neither taken for slips of the pen nor for one
// another.
func TestNamesOfPublicCollectionsAreKnown(t *testing.T) {
	ref := football.DefaultReference()
	data, err := os.ReadFile("testdata/names.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, lists, _ := strings.Cut(string(data), "\n\n") // behind the comment
	for list := range strings.SplitSeq(lists, "\n\n") {
		head, names, _ := strings.Cut(list, ":\n")
		pool, ids := football.PoolID(head), map[football.TeamID]string{}
		for name := range strings.SplitSeq(strings.Join(strings.Fields(names), " "), ", ") {
			team, ok := ref.Team(pool, name)
			if !ok {
				t.Errorf("%s: %q is refused", pool, name)
				continue
			}
			if other, ok := ids[team.ID]; ok {
				t.Errorf("%s: %q and %q are both %s", pool, name, other, team.ID)
			}
			ids[team.ID] = name
		}
	}
}

// TestSpellingsOfOneTeam checks that the spellings of different collections lead to one team.
func TestSpellingsOfOneTeam(t *testing.T) {
	ref := football.DefaultReference()
	for pool, lines := range map[football.PoolID][]string{
		"spain": {"Ath Bilbao, Athletic Club Bilbao, Athletic Club, Athletic Bilbao",
			"Celta, RC Celta Vigo, RC Celta de Vigo"},
		"germany": {"Osnabruck, Osnabrueck, Osnabrück, VfL Osnabrück"},
		"poland":  {"Rakow Czestochowa, Raków Częstochowa", "Slask Wroclaw, Śląsk Wrocław"},
		"belgium": {"Genk, KRC Genk, Racing Genk", "Gent, KAA Gent, AA Gent",
			"St. Gilloise, Union Saint-Gilloise, Royale Union Saint-Gilloise"},
		"netherlands": {"PSV Eindhoven, PSV", "Nijmegen, NEC, NEC Nijmegen", "AZ Alkmaar, AZ"},
		"portugal": {"Sp Lisbon, Sporting CP, Sporting Clube de Portugal",
			"Guimaraes, Vitória SC, Vitória Guimarães"},
		"scotland": {"Hearts, Heart of Midlothian FC", "St Mirren, St. Mirren FC"},
		"turkey":   {"Buyuksehyr, İstanbul Başakşehir, Istanbul Basaksehir", "Besiktas, Beşiktaş, Beşiktaş JK"},
		"china":    {"Guangzhou Evergrande, Guangzhou FC", "Shanghai SIPG, Shanghai Port", "Hangzhou Greentown, Zhejiang"},
		"japan":    {"Urawa, Urawa Reds, Urawa Red Diamonds", "Verdy, Tokyo Verdy", "Yokohama F. Marinos, Yokohama Marinos"},
		"ireland":  {"UC Dublin, UCD", "St. Patricks, St Patrick's Athletic"},
		"finland":  {"HJK, HJK Helsinki", "SJK, SJK Seinäjoki", "Inter Turku, FC Inter"},
		"greece":   {"Olympiakos, Olympiacos Piraeus", "PAOK, PAOK Saloniki, PAOK FC"},
		"brazil":   {"Flamengo RJ, Flamengo, CR Flamengo", "Athletico-PR, Atlético Paranaense"},
		"international": {"United States, USA", "South Korea, Korea Republic", "Ivory Coast, Côte d'Ivoire",
			"Turkey, Türkiye", "Czech Republic, Czechia", "DR Congo, Congo DR, Zaire"},
	} {
		for _, line := range lines {
			var first football.TeamID
			for name := range strings.SplitSeq(line, ", ") {
				team, ok := ref.Team(pool, name)
				if first == "" {
					first = team.ID
				}
				if !ok || team.ID != first {
					t.Errorf("%s: %q is %q, want %q", pool, name, team.ID, first)
				}
			}
		}
	}
}
