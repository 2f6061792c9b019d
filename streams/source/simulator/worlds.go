package simulator

// Worlds returns the two leagues that the built-in reference knows.
func Worlds() []League {
	return []League{
		{Competition: "SIM1", Cup: "SIMC1", Pool: "simulation", Clubs: []string{
			"Ashbourne Rovers", "Bellmoor Athletic", "Cawder Vale", "Dunmarrow United", "Eastwick Town",
			"Fallowfield Albion", "Glenharrow",
			"Hartsmere City", "Inverlow Thistle", "Kingsmarch", "Larkhill Wanderers", "Marwood Forest",
			"Northgate Union", "Orrin Bridge",
			"Penhallow Argyle", "Quarrydown", "Ravensholt", "Stannerby Park", "Thornleigh", "Wexcombe Harbour",
		}},
		{Competition: "SIM2", Cup: "SIMC2", Pool: "simulation-b", Clubs: []string{
			"Alderquay", "Brackenford", "Castle Dorran", "Drumlaw Academical", "Eskermouth", "Fenwold City",
			"Greyhaven", "Hollinbrook",
			"Islemark Olympic", "Jarrowdale", "Keldersea", "Lowmarsh Celtic", "Millrace United", "Nethercairn",
			"Oakenshawe",
			"Pellworth Royal", "Rookhaven Stanley", "Silverstrand", "Tarnbeck", "Whitlow Corinthians",
		}},
	}
}
