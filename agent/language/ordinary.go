package language

import (
	"strings"
	"sync"
)

// titles are what people put before a name; they name nobody.
var titles = set(`dr dra drs doctor doctora doutor doutora docteur doktor dottor dottore dottoressa dott mr mrs ms miss mister sir madam prof professor sr sra srta senor senora senorita
	senhor senhora don dona m mme mlle monsieur madame mademoiselle herr frau signor signora sig md dds dmd phd lcsw lmft psyd`)

// places are the words before a town or a street.
var places = set(`in near around from en em na no cerca perto a pres vers nahe vicino`)

// streets are the words after the name of a street.
var streets = set(`street st avenue ave road rd boulevard blvd drive lane ln way highway hwy square parkway strasse platz allee`)

// selves, and copulas after called, come before one's own name, or that of who is
// spoken to; kin before that of a relative.
var (
	selves  = set(`im soy sono soi llamo appelle heisse chiamo chamo you hi hello hey hola ola bonjour salut hallo ciao salve`)
	copulas = set(`is am es e ist est s bin sou`)
	called  = set(`name this i here ich je eu yo nombre nome nom hier aqui ici qui`)
	kin     = set(`son daughter wife husband friend mother mom mum father dad brother sister boyfriend girlfriend partner kid child hijo hija esposa esposo marido mujer amigo amiga madre padre
		hermano hermana filho filha mae pai irmao irma fils fille femme mari ami amie mere pere frere soeur sohn tochter frau mann freund freundin mutter vater bruder schwester figlio figlia moglie marito
		amico amica fratello sorella`)
)

// leads are the words before a person.
var leads = set(`with by see for is to and or dr dra con com avec mit bei da para por pour chez fur per oder und o ou e y`)

// plainWords are, in names, what many names and many texts have: they do not
// tell one name from another unless the rest is there too.
const plainWords = `
	the a an and of at by for in on or with to s n de del la las el los le les des du et und der die das von di dei della do da dos e y il lo o os as al
	salon salons hair barber barbershop barbers beauty spa nail nails studio studios shop shoppe store stylist stylists style styles styling cuts cut
	dental dentist dentists dentistry family medical medicine clinic clinics office offices center centre centers health healthcare care hospital practice group associates associate inc llc co company corp ltd
	cosmetic pediatric orthodontic orthodontics implants surgery surgeon surgeons oral dermatology optometry vision eye eyes skin foot wellness physical general modern advanced professional women men womens mens kids children
	therapy therapist therapists counseling counselling counselor psychology psychologist psychotherapy mental
	restaurant restaurants bar grill grille kitchen cafe bistro diner house pub tavern pizza pizzeria sushi steakhouse eatery food bakery ristorante trattoria lounge garden room place inn hotel venue
	american asian chinese french indian italian japanese korean mexican thai vegetarian vegan seafood mediterranean spanish greek vietnamese
	north south east west new old great best good first big little red blue green black white golden royal city town street st avenue ave road rd plaza square park
	san santa los
`

var plain = sync.OnceValue(func() map[string]bool { return set(plainWords) })

// firstNames are first names that are also words: they count as names only with
// a capital inside a sentence, or after a word that leads to a person.
const firstNames = `will mark may april june august summer autumn dawn grace hope faith joy rose rosa iris ivy lily pat sue bill art rich frank ray jack rob drew chase grant wade dean earl
	sol luz paz mar dolores pilar angel esperanza consuelo luna clara alba blanca soledad victoria mai juni juli jan marco romano estrella reyes cruz
	page guy christian van`

// everyday are more words that must not be taken for misspelt names.
const everyday = `
	about above after again against all almost alone along already always am among amount another anyone anything around available away bad because become before began behind being believe below best better
	between big bit both bring brother business busy call called came card care case change check child children choose city class clear clean close cold come coming corner could couple course cut daughter dear
	different dinner does doing done down drink drive during each early easy eat either else end enough even evening event ever every example face fact family far fast father feel few fine find finish first five
	food for forget forward found four friend friends from front full fun further gave getting girl give given glad going gone grand great group guess had hair half hand happen happy hard head health hear heard heart
	held high himself hold home hope hot hour house hurt husband idea important inside instead into issue job just keep kid kids kind knew known large last late later least leave left less letter life light line
	list little live local long look looking lost love low lunch made main maybe mean meet meeting message middle might mind mine minute miss moment money month more morning most mother move music must myself name
	near never next nice night nine noon nothing number off offer office often old once one only onto option options order other outside over own paid pain parents part party pass past pay people person phone pick
	place plan play point possible prefer private problem put question quick quite rather read ready real really reason rest room round running same sat saw say second seem seen send sent seven several shall short
	should show side since sister sit six small some something soon sort south space spot staff stand start starting state stay step still store street such suit table take taken taking tall ten text their them thing things
	think third thirty though thought three through till time times tired together told took top tooth touch town tried trip true try turn twelve twenty twice two type under until use used usual very visit wait
	walk wanted water way wear well went wife wish within without woman women wonder word work working world worry would write year years yes yesterday yet young yourself
	monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december noon midnight
	enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre janeiro fevereiro marco maio junho julho setembro outubro novembro dezembro
	janvier fevrier mars avril juin juillet aout septembre octobre novembre decembre januar februar marz juni juli oktober dezember gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre
`

func set(list string) map[string]bool {
	out := map[string]bool{}
	for _, word := range strings.Fields(list) {
		out[word] = true
	}
	return out
}
