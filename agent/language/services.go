package language

import (
	"slices"
	"strings"
	"sync"
)

// trades are what businesses offer, a line each: what it is called in English,
// Spanish, Portuguese, French, German and Italian. A customer may name a service
// in another language than the business does.
const trades = `
cleaning, teeth cleaning, dental cleaning, cleanup, hygiene, limpieza, limpieza dental, limpieza de dientes, profilaxis, limpeza, limpeza dental, limpeza de dentes, detartrage, nettoyage, nettoyage de dents, zahnreinigung, reinigung, professionelle zahnreinigung, pulizia, pulizia dei denti, igiene dentale, ablazione
check up, checkup, check-up, dental check, examination, exam, revision, revision dental, chequeo, control dental, avaliacao, checape, controle, visite de controle, bilan, kontrolle, kontrolluntersuchung, vorsorge, untersuchung, controllo, visita di controllo
filling, tooth filling, empaste, obturacion, relleno dental, calza, restauracao, obturacao, plombage, obturation, fullung, zahnfullung, plombe, otturazione
whitening, teeth whitening, tooth whitening, bleaching, blanqueamiento, blanqueamiento dental, blanqueado, clareamento, clareamento dental, branqueamento, branqueamento dental, blanchiment, blanchiment des dents, zahnaufhellung, aufhellung, bleichen, sbiancamento, sbiancamento dentale
extraction, tooth extraction, extraccion, extraccion dental, extracao, extracao de dente, extraction dentaire, zahnentfernung, zahnziehen, estrazione, estrazione dentale
root canal, endodoncia, conducto, tratamiento de conducto, canal, tratamento de canal, endodontia, devitalisation, wurzelbehandlung, wurzelkanalbehandlung, devitalizzazione, cura canalare
braces, orthodontics, ortodoncia, brackets, frenillos, ortodontia, aparelho, orthodontie, appareil dentaire, zahnspange, kieferorthopadie, ortodonzia, apparecchio
haircut, cut, hair cut, corte, corte de pelo, corte de cabello, corte de cabelo, coupe, coupe de cheveux, haarschnitt, haare schneiden, taglio, taglio di capelli, taglio capelli
hair colour, hair color, colour, color, colouring, coloring, dye, hair dye, tinte, coloracion, tintura, coloracao, pintar o cabelo, couleur, coloration, farbe, farben, haarfarbe, haare farben, colore, tinta
highlights, mechas, reflejos, luzes, madeixas, meches, balayage, strahnen, strahnchen, colpi di sole
blow dry, blowdry, blowout, styling, brushing, peinado, secado, escova, penteado, brushing et coiffage, fonen, piega, messa in piega
beard trim, beard, shave, arreglo de barba, barba, afeitado, aparar barba, taille de barbe, rasage, barbe, bart, bartpflege, rasur, rasatura
massage, masaje, massagem, massaggio
facial, facial treatment, limpieza facial, tratamiento facial, limpeza de pele, tratamento facial, soin du visage, gesichtsbehandlung, gesichtspflege, trattamento viso, pulizia del viso
manicure, manicura, manucure, manikure, maniküre
pedicure, pedicura, pedicuria, pedikure, fusspflege
waxing, wax, depilacion, depilacion con cera, cera, depilacao, depilacao com cera, epilation, epilation a la cire, wachsen, enthaarung, waxing, ceretta, depilazione
eyebrows, brows, cejas, sobrancelhas, sourcils, augenbrauen, sopracciglia
physiotherapy, physio, physical therapy, fisioterapia, physiotherapie, kinesitherapie, kine, krankengymnastik
acupuncture, acupuntura, acupuncture, akupunktur, agopuntura
consultation, consult, first visit, asesoria, consultoria, consultation, beratung, erstgesprach, consulenza
vaccination, vaccine, shot, vacuna, vacunacion, vacina, vacinacao, vaccin, impfung, vaccino, vaccinazione
eye test, eye exam, examen de la vista, examen visual, exame de vista, examen de la vue, sehtest, esame della vista
blood test, analisis de sangre, exame de sangue, prise de sang, analyse de sang, blutabnahme, bluttest, esame del sangue, analisi del sangue
oil change, cambio de aceite, troca de oleo, vidange, olwechsel, cambio olio
car wash, lavado, lavado de coche, lavado de auto, lavagem, lavage, autowasche, autowasche, lavaggio
inspection, inspeccion, inspecao, revisao, controle technique, inspektion, hauptuntersuchung, ispezione, revisione
lesson, class, clase, aula, cours, lecon, unterricht, stunde, lezione
yoga class, clase de yoga, aula de ioga, aula de yoga, cours de yoga, yogastunde, yoga, lezione di yoga
personal training, entrenamiento personal, treino personalizado, treino pessoal, coaching sportif, personaltraining, allenamento personale
viewing, property viewing, visita del piso, visita al departamento, visita do imovel, visite du logement, besichtigung, wohnungsbesichtigung, sopralluogo
tour, guided tour, visita guiada, passeio, visite guidee, fuhrung, visita guidata
grooming, dog grooming, peluqueria canina, bano y corte, banho e tosa, tosa, toilettage, hundepflege, toelettatura
tasting, wine tasting, degustacion, cata, cata de vinos, degustacao, degustation, weinprobe, verkostung, degustazione
`

// theTrades are the trades by their words, and every way to name each.
var theTrades = sync.OnceValues(func() (map[string]int, [][]string) {
	by, lines := map[string]int{}, [][]string{}
	for line := range strings.Lines(strings.TrimSpace(trades)) {
		var ways []string
		for way := range strings.SplitSeq(strings.TrimSpace(line), ", ") {
			if text := foldedName(way); !slices.Contains(ways, text) {
				ways = append(ways, text)
			}
		}
		for _, way := range ways {
			if _, taken := by[way]; !taken {
				by[way] = len(lines)
			}
		}
		lines = append(lines, ways)
	}
	return by, lines
})

// foldedName returns the words of a name as texts are compared, parted by a
// space.
func foldedName(text string) string {
	w := cut(text)
	list := make([]string, w.len())
	for i := range list {
		list[i] = w.word(i)
	}
	return strings.Join(list, " ")
}

// otherNames returns how else each of names may be called: by what its trade is
// called, where no other of them is of the same.
func otherNames(names []string) [][]string {
	by, lines := theTrades()
	trade := make([]int, len(names))
	of, taken := map[int]int{}, map[string]bool{}
	for i, name := range names {
		folded := foldedName(name)
		taken[folded] = true
		at, ok := by[folded]
		if !ok {
			trade[i] = -1
			continue
		}
		trade[i] = at
		of[at]++
	}
	out := make([][]string, len(names))
	for i, at := range trade {
		if at < 0 || of[at] > 1 {
			continue
		}
		for _, way := range lines[at] {
			if !taken[way] && by[way] == at {
				out[i] = append(out[i], way)
			}
		}
	}
	return out
}
