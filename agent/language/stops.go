package language

import (
	"strings"
)

// stopwords are, by tongue, the words that make up most of any text, and words
// of greeting and asking that short messages consist of. A word of several
// tongues counts for each the less.
var stopwords = [len(tongues)]string{
	`the a an and or but of to in on at for from with by about is are am was were be been do does did done have has had will would can could should may
	i you he she it we they me my your our their his her its this that these those there here what when where who how why which not no yes if so as up out
	im id ive dont doesnt didnt cant wont isnt whats thats youre lets please hi hello hey thanks thank much many any some need want like know get go make
	open close closed today tomorrow tonight morning afternoon appointment book price cost parking hours phone address good bye sorry just still also than then
	someone speak talk help sure yeah nope yep great new free next last week day time back monday tuesday wednesday thursday friday saturday sunday tmrw pls thx evening noon night available u ur cud wanna gonna`,
	`el la los las un una unos unas y o pero de del al en con por para sin sobre es son soy eres somos esta estan estoy estas ser estar hay tiene tienen tengo tienes
	yo tu usted ustedes nosotros ellos me te se le les nos mi mis su sus este esta esto ese esa eso que cuando donde quien como porque cual cuanto cuanta cuantos cuesta no si
	muy mas menos ya tambien hola buenos buenas dias tardes noches gracias favor quiero quisiera puedo puede pueden necesito cita hora horario precio manana hoy ahora abren abierto cierran
	estacionamiento aparcamiento lunes martes miercoles jueves viernes sabado domingo hablar persona alguien adios vale claro gustaria saber reservar ayuda algo otra otro baja ayuda alto detener ola kiero kisiera keria queria kieria sita pal pa xfa porfa tarde noche semana proximo proxima medio media buena pues entonces podria podrian hacer`,
	`o a os as um uma uns umas e ou mas de do da dos das no na nos nas em com por para sem sobre eh sao sou somos esta estao estou ser estar tem tenho temos ha
	eu voce voces nos eles me te se lhe meu minha seu sua este esta isto esse essa isso que quando onde quem como porque qual quanto quanta custa nao sim
	muito mais menos ja tambem ola oi bom boa dia tarde noite obrigado obrigada favor quero queria gostaria posso pode podem preciso consulta hora horario preco amanha hoje agora abre aberto fecham
	estacionamento segunda terca quarta quinta sexta sabado domingo falar pessoa alguem tchau claro saber marcar agendar ajuda voces tudo bem ate aos pelo pela ajuda sair pra pro vc vcs qria qro obg blz semana proximo proxima manha gente fazer poderia`,
	`le la les un une des du de et ou mais a au aux en dans avec pour par sans sur est sont suis es sommes etes etre avoir ai as avons avez ont y
	je tu il elle on nous vous ils elles me te se mon ma mes votre vos notre son sa ses ce cet cette ces ca que qui quand comment pourquoi quel quelle quels combien ne pas non oui
	tres plus moins deja aussi bonjour bonsoir salut merci plait veux voudrais voulais peux peut pouvez besoin rendez heure heures horaires prix demain aujourd hui maintenant ouvert ouverte ouvrez fermez
	lundi mardi mercredi jeudi vendredi samedi dimanche parler personne quelqu revoir accord aimerais savoir reserver aide est-ce avez l d j c n s m t qu arret arrete aide bjr svp stp semaine matin midi soir prochain prochaine jeudi`,
	`der die das den dem des ein eine einen einem einer und oder aber von zu zum zur im in an am auf mit fur fuer bei nach ohne uber ueber ist sind bin bist seid sein haben habe hast hat war
	ich du er sie es wir ihr mich dich sich mir dir uns mein meine dein deine ihre unser dieser diese dieses was wann wo wer wie warum welche welcher wieviel nicht kein keine nein ja
	sehr mehr weniger schon auch hallo guten gute morgen tag abend danke bitte mochte moechte will wollte kann konnen koennen konnte brauche termin uhr preis kostet heute jetzt offen geoffnet geoeffnet
	parkplatz parken montag dienstag mittwoch donnerstag freitag samstag sonntag sprechen mensch jemand jemandem tschuss gerne gern wissen buchen hilfe gibt geht vielen dank ihnen habt noch mal oder abmelden stopp hatte haette woche nachste naechste nachsten mittag nachmittag vormittag bis passt`,
	`il lo la i gli le un uno una e o ma di del della dei delle da dal dalla in nel nella con per senza su sul sulla sono sei siamo siete essere avere ho hai ha abbiamo avete hanno c
	io tu lui lei noi voi loro mi ti si ci vi mio mia tuo tua suo sua vostro questo questa quello quella che quando dove chi come perche quale quanto quanti costa non no si
	molto piu meno gia anche ciao salve buongiorno buonasera grazie prego favore voglio vorrei posso puo potete potrei bisogno appuntamento ora orario orari prezzo domani oggi adesso aperto aperti aprite chiudete
	parcheggio lunedi martedi mercoledi giovedi venerdi sabato domenica parlare persona qualcuno arrivederci va bene certo sapere prenotare aiuto dell all l nell dall un settimana mattina pomeriggio sera prossimo prossima oppure`,
	`de het een en of maar van naar in op met voor bij zonder over is zijn ben bent hebben heb heeft was ik jij je hij zij we wij jullie mij me mijn jouw uw onze dit dat deze die
	wat wanneer waar wie hoe waarom welke niet geen nee ja zeer meer ook hallo goedemorgen goedemiddag dank dankjewel bedankt alstublieft wil graag kan kunnen nodig afspraak uur prijs morgen vandaag nu open gesloten iemand spreken`,
}

type stop struct {
	tongue int
	weight float64
}

// stopTable returns the tongues of each stop word.
func stopTable() map[string][]stop {
	table := map[string][]stop{}
	for tongue, list := range stopwords {
		for _, word := range strings.Fields(list) {
			if at := table[word]; len(at) == 0 || at[len(at)-1].tongue != tongue {
				table[word] = append(at, stop{tongue: tongue})
			}
		}
	}
	for _, list := range table {
		for i := range list {
			list[i].weight = 1 / float64(len(list)*len(list))
		}
	}
	return table
}
