package football_test

import (
	"strings"
	"testing"

	"github.com/touchline/touchline/schemas/football"
)

// spellings are teams' names as public collections of results spell them, by pool. No two of a line are one team.
var spellings = map[football.PoolID]string{
	"england": `Accrington, AFC Wimbledon, Aldershot, Alfreton Town, Altrincham, Arsenal, Aston Villa, Barnet, Barnsley, Barrow,
		Bath City, Birmingham, Blackburn, Blackpool, Bolton, Boreham Wood, Boston, Bournemouth, Bradford, Braintree Town,
		Brentford, Brighton, Bristol City, Bristol Rvs, Bromley, Burnley, Burton, Bury, Cambridge, Canvey Island, Cardiff,
		Carlisle, Charlton, Chelsea, Cheltenham, Chester, Chesterfield, Chorley, Colchester, Coventry, Crawley Town, Crewe,
		Crystal Palace, Dag and Red, Darlington, Dartford, Derby, Doncaster, Dorking, Dover Athletic, Droylsden, Eastbourne Borough,
		Eastleigh, Ebbsfleet, Everton, Exeter, Farsley, Fleetwood Town, Forest Green, Fulham, Gateshead, Gillingham, Grays, Grimsby,
		Halifax, Harrogate, Hartlepool, Havant & Waterlooville, Hayes & Yeading, Hereford, Histon, Huddersfield, Hull, Hyde United,
		Ipswich, Kettering Town, Kidderminster, King's Lynn, Leeds, Leicester, Leigh RMI, Lewes, Leyton Orient, Lincoln, Liverpool,
		Luton, Macclesfield, Maidenhead, Maidstone, Man City, Man United, Mansfield, Margate, Middlesbrough, Millwall,
		Milton Keynes Dons, Morecambe, Newcastle, Newport County, North Ferriby, Northampton, Northwich, Norwich, Nott'm Forest,
		Notts County, Nuneaton Town, Oldham, Oxford, Oxford City, Peterboro, Plymouth, Port Vale, Portsmouth, Preston, QPR, Reading,
		Rochdale, Rotherham, Rushden & D, Salford, Scarborough, Scunthorpe, Sheffield United, Sheffield Weds, Shrewsbury, Solihull,
		Southampton, Southend, Southport, Stafford Rangers, Stalybridge, Stevenage, Stockport, Stoke, Sunderland, Sutton, Swansea,
		Swindon, Tamworth, Telford United, Torquay, Tottenham, Tranmere, Walsall, Watford, Wealdstone, Welling United, West Brom,
		West Ham, Weymouth, Wigan, Woking, Wolves, Wrexham, Wycombe, Yeovil, York, Bishop's Stortford, Truro, Worcester`,
	"scotland": `Aberdeen, Airdrie Utd, Albion Rvs, Alloa, Annan Athletic, Arbroath, Ayr, Berwick, Bonnyrigg Rose, Brechin, Celtic,
		Clyde, Clydebank, Cove Rangers, Cowdenbeath, Dumbarton, Dundee, Dundee United, Dunfermline, East Fife, East Stirling,
		Edinburgh City, Elgin, Falkirk, Forfar, Gretna, Hamilton, Hearts, Hibernian, Inverness C, Kelty Hearts, Kilmarnock,
		Livingston, Meadowbank, Montrose, Morton, Motherwell, Partick, Peterhead, Queen of Sth, Queens Park, Raith Rvs, Rangers,
		Ross County, Spartans, St Johnstone, St Mirren, Stenhousemuir, Stirling, Stranraer`,
	"germany": `Aachen, Aalen, Ahlen, Augsburg, Bayern Munich, Bielefeld, Bochum, Braunschweig, Burghausen, CZ Jena, Chemnitz,
		Cottbus, Darmstadt, Dortmund, Dresden, Duisburg, Ein Frankfurt, Elversberg, Erfurt, Erzgebirge Aue, Essen,
		FC Koln, FSV Frankfurt, Fortuna Dusseldorf, Freiburg, Greuther Furth, Gutersloh, Hamburg, Hannover, Hansa Rostock,
		Heidenheim, Hertha, Hoffenheim, Holstein Kiel, Ingolstadt, Kaiserslautern, Karlsruhe, Koblenz, Leverkusen, Lubeck,
		M'gladbach, Magdeburg, Mainz, Mannheim, Meppen, Munich 1860, Nurnberg, Oberhausen, Offenbach, Osnabruck, Paderborn, RB Leipzig,
		Regensburg, Reutlingen, Saarbrucken, Sandhausen, Schalke 04, Siegen, St Pauli, Stuttgarter K, Stuttgart, Trier, Uerdingen,
		Ulm, Union Berlin, Unterhaching, VfB Leipzig, Wehen, Werder Bremen, Wolfsburg, Wuppertal, Wurzburger Kickers,
		Zwickau, Preussen Munster`,
	"italy": `Albinoleffe, Ancona, Arezzo, Ascoli, Atalanta, Avellino, Bari, Benevento, Bologna, Brescia, Cagliari, Carpi, Castel di Sangro,
		Catania, Catanzaro, Cesena, Chievo, Cittadella, Como, Cosenza, Cremonese, Crotone, Empoli, Feralpisalo, Fiorentina, Foggia,
		Frosinone, Gallipoli, Genoa, Grosseto, Gubbio, Inter, Juve Stabia, Juventus, Latina, Lazio, Lecce, Lecco, Livorno, Lucchese,
		Mantova, Messina, Milan, Modena, Monza, Napoli, Nocerina, Novara, Padova, Palermo, Parma, Perugia, Pescara, Piacenza, Pisa,
		Pistoiese, Pordenone, Portogruaro, Pro Vercelli, Ravenna, Reggiana, Reggina, Rimini, Roma, Salernitana, Sampdoria, Sassuolo,
		Siena, Spal, Spezia, Sudtirol, Ternana, Torino, Trapani, Treviso, Triestina, Udinese, Varese, Venezia, Verona, Vicenza,
		Virtus Entella, Virtus Lanciano, Carrarese, Cesena U`,
	"spain": `Alaves, Albacete, Alcorcon, Alcoyano, Alicante, Almeria, Amorebieta, Andorra, Ath Bilbao, Ath Bilbao B, Ath Madrid, Atletico B,
		Badajoz, Barcelona, Barcelona B, Betis, Burgos, Cadiz, Cartagena, Castellon, Celta, Ceuta, Ciudad de Murcia, Compostela, Cordoba,
		Eibar, Elche, Eldense, Espanol, Extremadura, Extremadura UD, Ferrol, Fuenlabrada, Getafe, Gimnastic, Girona, Granada,
		Granada 74, Guadalajara, Hercules, Huesca, Huelva, Ibiza, Jaen, La Coruna, Las Palmas, Leganes, Leonesa, Levante, Llagostera,
		Lleida, Logrones, Lorca, Lugo, Malaga, Malaga B, Mallorca, Merida, Mirandes, Murcia, Numancia, Osasuna, Ourense, Oviedo,
		Poli Ejido, Ponferradina, Pontevedra, Rayo Majadahonda, Real Madrid, Real Madrid B, Recreativo, Reus Deportiu, Sabadell,
		Salamanca, Santander, Sevilla, Sevilla B, Sociedad, Sociedad B, Sp Gijon, Tenerife, Terrassa, Toledo, UCAM Murcia, Unionistas,
		Valencia, Valladolid, Vallecano, Vecindario, Villarreal, Villarreal B, Xerez, Zaragoza, Universidad LP`,
	"france": `Ajaccio, Ajaccio GFCO, Amiens, Angers, Annecy, Arles, Auxerre, Bastia, Beauvais, Besancon, Bordeaux, Boulogne, Bourg Peronnas,
		Brest, Caen, Cannes, Chambly, Chateauroux, Clermont, Concarneau, Creteil, Dijon, Dunkerque, Evian Thonon Gaillard, Grenoble,
		Gueugnon, Guingamp, Istres, Laval, Le Havre, Le Mans, Lens, Libourne, Lille, Lorient, Lyon, Marseille, Martigues, Metz, Monaco,
		Montpellier, Mulhouse, Nancy, Nantes, Nice, Nimes, Niort, Orleans, Paris FC, Paris SG, Pau FC, Perpignan, Quevilly Rouen, Red Star,
		Reims, Rennes, Rodez, Rouen, Sedan, Sete, Sochaux, St Etienne, Strasbourg, Toulon, Toulouse, Tours, Troyes, Valence,
		Valenciennes, Vannes, Villefranche, Wasquehal`,
	"netherlands": `AZ Alkmaar, Ajax, Almere City, Cambuur, Den Bosch, Den Haag, Dordrecht, Excelsior, FC Emmen, Feyenoord, For Sittard,
		Go Ahead Eagles, Graafschap, Groningen, Heerenveen, Heracles, MVV Maastricht, NAC Breda, Nijmegen, PSV Eindhoven, Roda,
		Roosendaal, Sparta Rotterdam, Twente, Utrecht, VVV Venlo, Vitesse, Volendam, Waalwijk, Willem II, Zwolle`,
	"belgium": `Anderlecht, Antwerp, Beerschot VA, Bergen, Brussels, Cercle Brugge, Charleroi, Club Brugge, Dender, Eupen, Genk, Gent,
		Germinal Beerschot, Geel, Harelbeke, Heusden Zolder, Kortrijk, La Louviere, Lierse, Lokeren, Lommel, Mechelen, Mouscron, Oostende,
		Oud-Heverlee Leuven, RWD Molenbeek, Roeselare, Seraing, St Truiden, St. Gilloise, Standard, Tubize, Waasland-Beveren, Waregem,
		Westerlo, Aalst`,
	"portugal": `AVS, Academica, Alverca, Amadora, Arouca, Aves, Beira Mar, Belenenses, Benfica, Boavista, Casa Pia, Chaves, Estoril,
		Estrela, Famalicao, Farense, Feirense, Gil Vicente, Guimaraes, Leiria, Maritimo, Moreirense, Nacional, Naval, Olhanense,
		Pacos Ferreira, Penafiel, Portimonense, Porto, Rio Ave, Salgueiros, Santa Clara, Setubal, Sp Braga, Sp Lisbon, Tondela, Trofense,
		Uniao Madeira, Varzim, Vizela, Campomaiorense`,
	"turkey": `Ad. Demirspor, Akhisar Belediyespor, Alanyaspor, Altay, Ankaragucu, Antalyaspor, Balikesirspor, Besiktas, Bodrumspor, Bursaspor,
		Buyuksehyr, Denizlispor, Diyarbakirspor, Elazigspor, Erzurum BB, Eskisehirspor, Eyupspor, Fenerbahce, Galatasaray, Gaziantep,
		Gaziantepspor, Genclerbirligi, Giresunspor, Goztep, Hatayspor, Istanbulspor, Karabukspor, Karagumruk, Kasimpasa, Kayserispor,
		Kocaelispor, Konyaspor, Malatyaspor, Manisaspor, Mersin Idman Yurdu, Orduspor, Osmanlispor, Pendikspor, Rizespor, Sakaryaspor,
		Samsunspor, Sivasspor, Trabzonspor, Umraniyespor, Yeni Malatyaspor`,
	"greece": `AEK, Aigaleo, Akratitos, Apollon, Aris, Asteras Tripolis, Atromitos, Chalkidona, Ergotelis, Ethnikos Asteras, Giannina,
		Ionikos, Iraklis, Kalamaria, Kallithea, Kastoria, Kavala, Kerkyra, Lamia, Larisa, Levadeiakos, OFI Crete, Olympiakos, PAOK, Panachaiki,
		Panathinaikos, Panelefsiniakos, Panetolikos, Panionios, Panserraikos, Patraikos, Platanias, Proodeftiki, Veria, Volos NFC, Xanthi,
		Kifisia, Niki Volos, Olympiakos Volou`,
}

// TestNamesOfPublicCollectionsAreKnown checks that a league's names are neither taken for slips of the pen nor for one
// another.
func TestNamesOfPublicCollectionsAreKnown(t *testing.T) {
	ref := football.DefaultReference()
	for pool, list := range spellings {
		ids := map[football.TeamID]string{}
		for name := range strings.SplitSeq(strings.Join(strings.Fields(list), " "), ", ") {
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
		"spain":       {"Ath Bilbao, Athletic Club Bilbao, Athletic Club, Athletic Bilbao", "Celta, RC Celta Vigo, RC Celta de Vigo"},
		"germany":     {"Osnabruck, Osnabrueck, Osnabrück, VfL Osnabrück"},
		"poland":      {"Rakow Czestochowa, Raków Częstochowa", "Slask Wroclaw, Śląsk Wrocław"},
		"belgium":     {"Genk, KRC Genk, Racing Genk", "Gent, KAA Gent, AA Gent", "St. Gilloise, Union Saint-Gilloise, Royale Union Saint-Gilloise"},
		"netherlands": {"PSV Eindhoven, PSV", "Nijmegen, NEC, NEC Nijmegen", "AZ Alkmaar, AZ"},
		"portugal":    {"Sp Lisbon, Sporting CP, Sporting Clube de Portugal", "Guimaraes, Vitória SC, Vitória Guimarães"},
		"scotland":    {"Hearts, Heart of Midlothian FC", "St Mirren, St. Mirren FC"},
		"turkey":      {"Buyuksehyr, İstanbul Başakşehir, Istanbul Basaksehir", "Besiktas, Beşiktaş, Beşiktaş JK"},
		"greece":      {"Olympiakos, Olympiacos Piraeus", "PAOK, PAOK Saloniki, PAOK FC"},
		"brazil":      {"Flamengo RJ, Flamengo, CR Flamengo", "Athletico-PR, Atlético Paranaense"},
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
