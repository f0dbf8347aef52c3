package rank

import (
	"regexp"
	"strings"
)

// Weights of words that tell little, whatever the business.
const (
	weightFunction = 0.6 // the, of, is
	weightCommon   = 0.7 // want, need, please
)

// lexicon is what is known of a language beforehand: its most frequent words,
// how people shorten words in chats, and words that businesses and customers
// use for the same thing.
type lexicon struct {
	language  string
	weights   map[string]float32  // folded word → less than 1
	spellings map[string][]string // folded word → the words it stands for
	concepts  map[string]string   // stem → the first stem of its group
	price     string              // the word for it; first of the first group
	hours     string              // first of the second group
	priceStem string
	hoursStem string
}

// token completes a folded word.
func (l *lexicon) token(w string) token {
	t := token{text: w, stem: stemOf(l.language, w), weight: 1}
	if g, ok := l.weights[w]; ok {
		t.weight = g
	}
	return t
}

// concept returns the group a stem belongs to, or "".
func (l *lexicon) concept(stem string) string { return l.concepts[stem] }

// asksPrice reports whether words ask how much money something is.
func (l *lexicon) asksPrice(words []token) bool {
	for i, t := range words {
		if !howMuch[t.text] && (t.text != "much" && t.text != "viel" || i == 0 || words[i-1].text != "how" && words[i-1].text != "wie") {
			continue
		}
		for _, after := range words[i+1 : min(i+4, len(words))] {
			if duration[after.text] {
				return false
			}
		}
		return l.price != ""
	}
	return false
}

// facet reports whether a stem asks for, or tells, a price or opening hours.
func (l *lexicon) facet(stem string) bool {
	c := l.concepts[stem]
	return c != "" && (c == l.priceStem || c == l.hoursStem)
}

// howMuch asks for a price where no word for time follows.
var howMuch = set("cuanto cuanta quanto quanta combien wieviel")

var duration = set("time times tiempo tempo temps zeit dura duran dauert lange tarda tardan leva demora")

// money follows or goes before an amount.
var money = set("usd eur gbp bzd mxn brl cop ars clp pen inr chf cad aud dollar dollars euro euros pound pounds peso pesos real reais rupee rupees rs franken francs soles")

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// tells returns the language's words for what amounts and clock times in an
// article's text are about.
func (l *lexicon) tells(text string, words []token) []token {
	var out []token
	priced := strings.ContainsAny(text, "$€£¥₹")
	for _, t := range words {
		priced = priced || money[t.text]
	}
	if priced && l.price != "" && strings.ContainsAny(text, "0123456789") {
		out = append(out, l.token(l.price))
	}
	if l.hours != "" && clockTime.MatchString(text) {
		out = append(out, l.token(l.hours))
	}
	return out
}

// clockTime is a time of day as businesses write it.
var clockTime = regexp.MustCompile(`(?i)\b\d{1,2}[:.h]\d{2}\b|\b\d{1,2} ?(?:am|pm|uhr|h)\b`)

// lexiconOf returns the lexicon of a language; of an unknown one, an empty one.
func lexiconOf(language string) *lexicon {
	if l, ok := lexicons[language]; ok {
		return l
	}
	return lexicons[""]
}

var lexicons = map[string]*lexicon{
	"":   {weights: map[string]float32{}, spellings: map[string][]string{}, concepts: map[string]string{}},
	"en": newLexicon("en", functionEN, commonEN, spellingsEN, conceptsEN),
	"es": newLexicon("es", functionES, commonES, spellingsES, conceptsES),
	"pt": newLexicon("pt", functionPT, commonPT, spellingsPT, conceptsPT),
	"fr": newLexicon("fr", functionFR, commonFR, spellingsFR, conceptsFR),
	"de": newLexicon("de", functionDE, commonDE, spellingsDE, conceptsDE),
	"it": newLexicon("it", functionIT, commonIT, spellingsIT, conceptsIT),
}

// newLexicon reads the tables: words apart by blanks; spellings as "short=long
// form" and concepts as groups, apart by semicolons.
func newLexicon(language, function, common, spellings, concepts string) *lexicon {
	l := &lexicon{language: language, weights: map[string]float32{}, spellings: map[string][]string{}, concepts: map[string]string{}}
	for _, w := range strings.Fields(common) {
		l.weights[w] = weightCommon
	}
	for _, w := range strings.Fields(function) {
		l.weights[w] = weightFunction
	}
	for _, s := range strings.Split(spellings, ";") {
		if short, long, ok := strings.Cut(strings.TrimSpace(s), "="); ok {
			for _, one := range strings.Fields(short) {
				l.spellings[one] = strings.Fields(long)
			}
		}
	}
	for i, group := range strings.Split(concepts, ";") {
		stems := strings.Fields(group)
		if len(stems) == 0 {
			continue
		}
		switch i {
		case 0:
			l.price, l.priceStem = stems[0], stemOf(language, stems[0])
		case 1:
			l.hours, l.hoursStem = stems[0], stemOf(language, stems[0])
		}
		for _, w := range stems {
			l.concepts[stemOf(language, w)] = stemOf(language, stems[0])
		}
	}
	return l
}

const functionEN = `a an the is are was were be been being am i me my mine we us our you your yours he she him her his it its they them their
this that these those of to in on at for from by with and or but as if than then so do does did done have has had having can could will would
shall should may might must there here just what how when where which who whom whose why not no yes too also very up out about into over s t ll ve re d m`

const commonEN = `please hi hello hey dear sir madam team thanks thank ok okay well now get got getting give want wants wanted need needs tell know like
let make take go going come use using any some all one more much many something anything someone anyone please help question
possible able way thing things still already really actually today`

const spellingsEN = `pls plz plzz pl=please; u=you; r=are; ur=your; y=why; wat wht wt=what; wen=when; wer=where; hw=how; n nd=and;
thx thnx tnx ty=thanks; msg=message; acc acct=account; amt=amount; qty=quantity; nos num=number; nt=not; dont dnt don't=do not; cant can't cannot=can not;
wont won't=will not; didnt didn't=did not; doesnt doesn't=does not; isnt isn't=is not; arent aren't=are not; wasnt wasn't=was not; hasnt hasn't=has not;
havent haven't=have not; couldnt couldn't=could not; wouldnt wouldn't=would not; shouldnt shouldn't=should not; im i'm=i am; ive i've=i have;
i'd=i would; i'll=i will; you're=you are; you've=you have; they're=they are; we're=we are; it's=it is; whats what's=what is; hows how's=how is;
wheres where's=where is; who's whos=who is; when's=when is; that's thats=that is; there's=there is; let's=let us; frnd=friend; frnds=friends; abt=about;
bcoz cuz coz bcz=because; tmrw tmr tmw 2moro=tomorrow; 2day=today; gud gd=good; wanna=want to; gonna=going to; gimme=give me; lemme=let me; gotta=got to;
info=information; pic=picture; pics=pictures; ph=phone; mob=mobile; min=minimum; max=maximum; chk=check; hav hv=have; wid wth=with; thru=through;
da=the; dis=this; dat=that; app=application; apps=applications; del=delivery; addr=address; appt apt=appointment; hrs=hours; mins=minutes; yr=year; yrs=years;
wk=week; wks=weeks; asap=soon; centre=center; colour=color; cheque=check; enquiry=inquiry; cancelled=canceled; cancelling=canceling; sat=saturday; tue tues=tuesday; thu thurs=thursday; fri=friday; doc=doctor`

const conceptsEN = `price cost charge fee rate expensive cheap pricing fare; open opening hour schedule timing close closing; pay payment; card cash visa mastercard; address location located directions
situated where; appointment booking reservation visit; book reserve schedule; cancel cancellation; refund reimburse reimbursement; reschedule postpone move; deliver delivery ship shipping shipment
dispatch; buy purchase order; return exchange; phone telephone call contact; email mail; kid child children baby toddler; pet dog animal; park parking; accept take; insurance insurer insured; discount
offer promotion coupon deal promo; guarantee warranty; staff employee team; doctor physician dentist; start begin; finish end; fix repair; remove delete; modify change edit; broken damaged defective; job vacancy career position hire employ employment recruit; illness disease sickness; symptom sign; infected infection contract catch contagious; transmit spread transmission; prevent avoid protect prevention protection; medicine medication drug;
vaccine vaccination shot; treat treatment cure; die death mortality deadly fatal; bill invoice receipt; size dimension measurement; trial try test`

const functionES = `el la los las un una unos unas de del al a en con por para sin sobre entre y e o u ni que se su sus mi mis tu tus nos me te le les lo es son era ser soy eres
fue esta este esto estas estos ese esa eso estan estoy estamos hay ha han he hemos como cuando donde cual cuales quien quienes cuanto cuanta cuantos cuantas si no ya muy mas pero
porque yo ella ellos ustedes usted nosotros ello tiene tienen tengo tenemos tienes puedo puede pueden podemos podria aqui alli hasta desde`

const commonES = `hola buenas buenos dias tardes noches gracias por favor quiero quisiera quiere necesito necesita saber decir dime gustaria hacer hago hace tener poder algo alguna alguno
algun todo toda todos todas dar dan ir voy va ver favor senor senora ayuda pregunta posible`

const spellingsES = `q k ke=que; xq pq porq=porque; x=por; tb tmb tbn=tambien; pa=para; xfa pf pfa porfa=por favor; grax grcs=gracias; cnto=cuanto; dnd=donde; cdo=cuando;
bn=bien; hr hrs=horas; tel=telefono; info=informacion; d=de; toy=estoy; ta=esta; ud uds=usted; wpp wsp=whatsapp; msj=mensaje`

const conceptsES = `precio costo coste costar cuesta cuestan cobrar cobran valer vale valen tarifa caro barato; abrir abren abierto horario horarios atienden cerrar cierran cerrado atencion; pagar pago; tarjeta efectivo visa mastercard; direccion ubicacion
ubicados quedan llegar donde estamos; cita turno reserva reservacion consulta; reservar agendar apartar; cancelar anular cancelacion; reembolso devolucion devolver; cambiar mover reprogramar; enviar envio entrega entregar domicilio; comprar
pedido pedir; telefono llamar contacto numero; nino ninos hijo hija bebe; mascota perro animal; estacionamiento parqueo aparcar estacionar parquear aparcamiento carro coche; aceptar aceptan; seguro aseguradora; descuento oferta promocion cupon; garantia;
doctor medico dentista odontologo; limpieza limpiar; factura recibo; trabajo empleo vacante; bano banos sanitario; idioma idiomas hablan`

const functionPT = `o a os as um uma uns umas de do da dos das em no na nos nas com por para pra pro sem sobre entre e ou nem que se seu sua seus suas meu minha meus minhas me te lhe
lhes isso isto esse essa este esta estes estas aquele aquela sao ser sou era foi estou estao estamos ha tem tenho temos ter como quando onde qual quais quem quanto quanta quantos quantas
sim nao ja muito mais mas porque eu ele ela eles elas voce voces ao aos aqui ali ate desde pode posso podem podemos poderia pelo pela`

const commonPT = `oi ola bom boa dia tarde noite obrigado obrigada favor quero queria gostaria preciso precisa saber dizer diga fazer faco faz algo algum alguma tudo todo toda todos todas dar ir vou vai ver
senhor senhora ajuda pergunta possivel poder`

const spellingsPT = `vc vcs ce=voce; q=que; pq=porque; tb tbm=tambem; qto qnto=quanto; qdo qnd=quando; hj=hoje; td=tudo; mt mto=muito; blz=beleza; obg=obrigado; pfv pf=por favor; tel=telefone; info=informacao; n=nao; d=de; hrs=horas;
cmg=comigo; msg=mensagem`

const conceptsPT = `preco custo custa custam custar cobrar cobram valor valores vale tarifa caro barato; abrir abre abrem aberto horario horarios atendem atendimento fechar fecha fecham fechado funcionamento funciona; pagar pagamento; cartao dinheiro pix visa mastercard;
endereco localizacao ficam fica chegar onde; consulta marcacao agendamento reserva horario; marcar agendar reservar; cancelar desmarcar cancelamento; reembolso devolucao devolver estorno; remarcar reagendar mudar; enviar envio entrega entregar
entregam frete; comprar pedido compra; telefone ligar contato numero; crianca criancas filho filha bebe; cachorro animal animais pet; estacionamento estacionar vaga carro; aceitar aceitam; convenio seguro plano; desconto promocao cupom oferta; garantia;
doutor medico dentista; limpeza limpar; nota recibo fatura; emprego vaga trabalho; idioma idiomas falam`

const functionFR = `le la les l un une des de du d au aux a en dans avec par pour sans sur entre et ou ni que qu qui se s son sa ses mon ma mes ton ta tes notre nos votre vos leur leurs me m te t lui ce c cet cette ces est sont etait etre
suis es ete j je tu il elle on nous vous ils elles ai as avez avons ont avoir comment quand ou quel quelle quels quelles quoi combien si non oui ne n pas plus tres mais parce car y il peut peux pouvez pouvons est-ce`

const commonFR = `bonjour salut bonsoir merci svp stp plait veux voudrais voulez besoin savoir dire dites faire fait fais faites aller vais va voir tout tous toute toutes quelque chose possible aide question faut dois doit`

const spellingsFR = `svp=plait; stp=plait; pk pq=pourquoi; cb=combien; rdv=rendez vous; c'est=est; qu'est=que est; j'ai=ai; d'un=un; d'une=une; l'on=on; tel=telephone; bjr=bonjour; slt=salut; info=information; dispo=disponible`

const conceptsFR = `prix cout coute coutent couter tarif tarifs cher facturez; ouvrir ouvert ouverts ouverture horaire horaires fermer ferme fermeture; payer paiement; carte especes visa mastercard; adresse situe trouvez localisation; rendez consultation reservation; reserver
prendre; annuler annulation; rembourser remboursement; reporter deplacer changer; livrer livraison expedition envoyer; acheter commande commander; telephone appeler contact numero; enfant enfants bebe; chien animal animaux; parking garer stationnement
stationner; accepter acceptez; assurance mutuelle; remise promotion reduction offre; garantie; medecin docteur dentiste; facture recu; emploi poste travail`

const functionDE = `der die das den dem des ein eine einen einem einer eines und oder aber als wenn dass ob weil von vom zu zum zur in im an am auf aus bei mit nach fur uber unter um durch ohne gegen vor es er sie ich du wir ihr man mich dich
sich uns euch mir dir ihm ihnen mein meine meinem meinen meiner dein deine sein seine ihre ihren ihrem unser unsere ist sind war waren bin bist sein wird werden wurde wurden worden hat haben habe hatte was wer wie wo wann warum wieso weshalb
welche welcher welches welchen welchem wohin woher nicht kein keine keinen ja nein auch noch nur so sehr schon da dort hier dies diese dieser dieses diesem diesen kann kannst konnen konnte darf durfen muss mussen soll sollte sollen wollen will mochte
es denn doch mal bis dazu worauf trotz trotzdem etwas jemand jemanden`

const commonDE = `hallo guten tag morgen abend bitte danke gerne brauche brauchen mochte wissen sagen machen mache tun gibt geben geht gehen gehe bekomme bekommen hilfe frage moglich alle alles viel viele neue neuen neuartige neuartigen gilt gelten`

const spellingsDE = `gibts=gibt es; gehts=geht es; hab=habe; nix=nichts; ne=eine; nen=einen; bzgl=bezuglich; tel=telefon; inkl=inklusive; info=information; infos=informationen; nr=nummer; std=stunden; strasse=strasse; fuer=fur; koennen=konnen; moechte=mochte; oeffnungszeiten=offnungszeiten; ueber=uber`

const conceptsDE = `preis kosten kostet teuer gebuhr tarif preise; offnen geoffnet offnungszeiten offen schliessen geschlossen; zahlen bezahlen zahlung; karte bar visa mastercard; adresse standort anfahrt finden wo; termin buchung reservierung; buchen reservieren; absagen stornieren
stornierung; erstattung ruckerstattung; verschieben verlegen andern; liefern lieferung versand versenden; kaufen bestellen bestellung; telefon anrufen kontakt nummer; kind kinder baby kindern; hund haustier haustiere tier tiere; parken parkplatz parkplatze
parkhaus; versicherung krankenkasse; rabatt angebot aktion gutschein; garantie gewahrleistung; arzt arztin doktor zahnarzt; rechnung beleg; arbeit stelle job; anstecken ansteckung angesteckt infizieren infiziert infektion ubertragen ubertragung ubertragbar steckt stecke;
impfung impfstoff impfen geimpft; schwanger schwangere schwangeren schwangerschaft ungeborene ungeborenes; symptome krankheitszeichen anzeichen beschwerden; krank erkrankt erkrankung krankheit erkranken; schutzen schutz schutzmassnahmen vorbeugen; geburt gebare gebaren entbindung; gefahrlich gefahr
risiko gefahrdet; reisen reise urlaub; test getestet testen; masken maske mundschutz atemschutz; sterben tod todlich; behandeln behandlung therapie medikament medikamente; veranstaltung veranstaltungen event versammlung versammlungen grossveranstaltung`

const functionIT = `il lo la i gli le l un uno una di del dello della dei degli delle a al allo alla ai agli alle da dal dalla dai in nel nella nei con su sul sulla per tra fra e ed o ma che chi cui se si mio mia miei mie tuo tua suo sua nostro vostro mi ti ci vi ne
lui lei noi voi loro io tu e sono sei siamo siete era essere ho hai ha abbiamo avete hanno avere come quando dove quale quali quanto quanta quanti quante perche non no piu molto questo questa questi queste quello quella c posso puo possono potete possiamo`

const commonIT = `ciao salve buongiorno buonasera grazie prego favore voglio vorrei vuole bisogno sapere dire fare faccio fate andare vado va vedere tutto tutti tutta tutte qualcosa possibile aiuto domanda devo deve`

const spellingsIT = `xche xke pk=perche; x=per; cmq=comunque; nn=non; tel=telefono; info=informazioni; c'e=ci e; qnt=quanto; qnd=quando; grz=grazie; app=appuntamento; dov'e=dove e; cos'e=cosa e; qual'e=quale e`

const conceptsIT = `prezzo costo costa costano costare tariffa caro; aprire aperto aperti apertura orario orari apre aprite chiudere chiuso chiudete chiusura; pagare pagamento; carta contanti visa mastercard; indirizzo posizione trovate sede dove; appuntamento prenotazione visita; prenotare
fissare; annullare disdire cancellare annullamento; rimborso restituzione rimborsare; spostare cambiare rimandare; consegna consegnare spedizione spedire; comprare acquistare ordine ordinare; telefono chiamare contatto numero; bambino bambini figlio figlia; cane
animale animali; parcheggio parcheggiare auto macchina; accettate accettare; assicurazione; sconto offerta promozione; garanzia; medico dottore dentista; fattura ricevuta; lavoro impiego`
