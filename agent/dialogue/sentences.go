package dialogue

var (
	sayHello = sentence{
		"en": "Hello!",
		"es": "¡Hola!",
		"pt": "Olá!",
		"fr": "Bonjour !",
		"de": "Hallo!",
		"it": "Buongiorno!",
	}
	sayWelcome = sentence{
		"en": "You're welcome!",
		"es": "¡De nada!",
		"pt": "De nada!",
		"fr": "Avec plaisir !",
		"de": "Gern geschehen!",
		"it": "Prego!",
	}
	sayAgain = sentence{
		"en": "I'm sorry, I did not understand that.",
		"es": "Lo siento, no lo he entendido.",
		"pt": "Desculpe, não entendi.",
		"fr": "Désolé, je n'ai pas compris.",
		"de": "Das habe ich leider nicht verstanden.",
		"it": "Mi dispiace, non ho capito.",
	}
	sayWhichOne = sentence{
		"en": "Gladly; which one?",
		"es": "Con gusto, ¿cuál de ellos?",
		"pt": "Claro, qual deles?",
		"fr": "Volontiers, lequel ?",
		"de": "Gern, welcher davon?",
		"it": "Volentieri, quale di questi?",
	}
	sayPrice = sentence{
		"en": "{service} costs {price}.",
		"es": "{service} cuesta {price}.",
		"pt": "{service} custa {price}.",
		"fr": "{service} coûte {price}.",
		"de": "{service} kostet {price}.",
		"it": "{service} costa {price}.",
	}
	sayDontKnow = sentence{
		"en": "I'm sorry, I don't know that; please ask our staff.",
		"es": "Lo siento, eso no lo sé; pregúnteselo a nuestro personal, por favor.",
		"pt": "Desculpe, isso eu não sei; pergunte à nossa equipe, por favor.",
		"fr": "Désolé, je ne le sais pas ; demandez à notre équipe, s'il vous plaît.",
		"de": "Das weiß ich leider nicht; bitte fragen Sie unser Personal.",
		"it": "Mi dispiace, questo non lo so; chieda al nostro personale, per favore.",
	}
	saySlot = sentence{
		"en": "{service}{staff}, {when}",
		"es": "{service}{staff}, {when}",
		"pt": "{service}{staff}, {when}",
		"fr": "{service}{staff}, {when}",
		"de": "{service}{staff}, {when}",
		"it": "{service}{staff}, {when}",
	}
	sayWhichService = sentence{
		"en": "Which service would you like?",
		"es": "¿Qué servicio desea?",
		"pt": "Qual serviço deseja?",
		"fr": "Quelle prestation souhaitez-vous ?",
		"de": "Welche Leistung möchten Sie?",
		"it": "Quale servizio desidera?",
	}
	sayWhen = sentence{
		"en": "Which day and time would suit you for {service}?",
		"es": "¿Qué día y a qué hora le viene bien para {service}?",
		"pt": "Que dia e horário prefere para {service}?",
		"fr": "Quel jour et à quelle heure souhaitez-vous venir ({service}) ?",
		"de": "An welchem Tag und um wie viel Uhr passt es Ihnen ({service})?",
		"it": "Quale giorno e a che ora preferisce ({service})?",
	}
	sayWhichTime = sentence{
		"en": "{service}: which of these times suits you?",
		"es": "{service}: ¿cuál de estos horarios le viene bien?",
		"pt": "{service}: qual destes horários prefere?",
		"fr": "{service} : lequel de ces horaires vous convient ?",
		"de": "{service}: Welche dieser Zeiten passt Ihnen?",
		"it": "{service}: quale di questi orari preferisce?",
	}
	sayNearest = sentence{
		"en": "{service}: these are the nearest free times. Which one suits you?",
		"es": "{service}: estos son los horarios libres más cercanos. ¿Cuál le viene bien?",
		"pt": "{service}: estes são os horários livres mais próximos. Qual prefere?",
		"fr": "{service} : voici les horaires libres les plus proches. Lequel vous convient ?",
		"de": "{service}: Das sind die nächsten freien Zeiten. Welche passt Ihnen?",
		"it": "{service}: questi sono gli orari liberi più vicini. Quale preferisce?",
	}
	sayOrAnother = sentence{
		"en": "You can also name another day or time.",
		"es": "También puede decirme otro día u otra hora.",
		"pt": "Também pode dizer outro dia ou outra hora.",
		"fr": "Vous pouvez aussi proposer un autre jour ou une autre heure.",
		"de": "Sie können auch einen anderen Tag oder eine andere Uhrzeit nennen.",
		"it": "Può anche indicare un altro giorno o un'altra ora.",
	}
	sayBookIt = sentence{
		"en": "{service}{staff}, {when}. Shall I book it?",
		"es": "{service}{staff}, {when}. ¿Lo reservo?",
		"pt": "{service}{staff}, {when}. Posso marcar?",
		"fr": "{service}{staff}, {when}. Je réserve ?",
		"de": "{service}{staff}, {when}. Soll ich das buchen?",
		"it": "{service}{staff}, {when}. Prenoto?",
	}
	sayBooked = sentence{
		"en": "Booked: {service}{staff}, {when}.",
		"es": "Reservado: {service}{staff}, {when}.",
		"pt": "Marcado: {service}{staff}, {when}.",
		"fr": "C'est réservé : {service}{staff}, {when}.",
		"de": "Gebucht: {service}{staff}, {when}.",
		"it": "Prenotato: {service}{staff}, {when}.",
	}
	sayMoveIt = sentence{
		"en": "{service}{staff}: from {old} to {when}. Shall I move it?",
		"es": "{service}{staff}: del {old} al {when}. ¿Cambio su cita?",
		"pt": "{service}{staff}: de {old} para {when}. Posso mudar?",
		"fr": "{service}{staff} : du {old} au {when}. Je déplace votre rendez-vous ?",
		"de": "{service}{staff}: von {old} auf {when}. Soll ich den Termin verlegen?",
		"it": "{service}{staff}: da {old} a {when}. Sposto il suo appuntamento?",
	}
	sayMoved = sentence{
		"en": "Moved: {service}{staff}, now {when}.",
		"es": "Cambiado: {service}{staff}, ahora {when}.",
		"pt": "Alterado: {service}{staff}, agora {when}.",
		"fr": "C'est déplacé : {service}{staff}, maintenant {when}.",
		"de": "Verlegt: {service}{staff}, jetzt {when}.",
		"it": "Spostato: {service}{staff}, ora {when}.",
	}
	sayCancelIt = sentence{
		"en": "{service}{staff}, {when}. Shall I cancel this appointment?",
		"es": "{service}{staff}, {when}. ¿Cancelo esta cita?",
		"pt": "{service}{staff}, {when}. Cancelo esta marcação?",
		"fr": "{service}{staff}, {when}. J'annule ce rendez-vous ?",
		"de": "{service}{staff}, {when}. Soll ich diesen Termin absagen?",
		"it": "{service}{staff}, {when}. Annullo questo appuntamento?",
	}
	sayCancelled = sentence{
		"en": "Cancelled: {service}, {when}.",
		"es": "Cancelado: {service}, {when}.",
		"pt": "Cancelado: {service}, {when}.",
		"fr": "C'est annulé : {service}, {when}.",
		"de": "Abgesagt: {service}, {when}.",
		"it": "Annullato: {service}, {when}.",
	}
	sayWhichAppointment = sentence{
		"en": "Which of your appointments do you mean?",
		"es": "¿A cuál de sus citas se refiere?",
		"pt": "De qual das suas marcações está falando?",
		"fr": "De quel rendez-vous parlez-vous ?",
		"de": "Welchen Ihrer Termine meinen Sie?",
		"it": "Quale dei suoi appuntamenti intende?",
	}
	sayNoAppointment = sentence{
		"en": "I see no appointment of yours that is still to come.",
		"es": "No tiene ninguna cita pendiente con nosotros.",
		"pt": "Não tem nenhuma marcação futura conosco.",
		"fr": "Vous n'avez pas de rendez-vous à venir chez nous.",
		"de": "Sie haben keinen kommenden Termin bei uns.",
		"it": "Non ha nessun appuntamento in programma da noi.",
	}
	sayYours = sentence{
		"en": "Your appointments:",
		"es": "Sus citas:",
		"pt": "As suas marcações:",
		"fr": "Vos rendez-vous :",
		"de": "Ihre Termine:",
		"it": "I suoi appuntamenti:",
	}
	sayKept = sentence{
		"en": "Alright, it stays as it is: {service}{staff}, {when}.",
		"es": "De acuerdo, queda como está: {service}{staff}, {when}.",
		"pt": "Certo, fica como está: {service}{staff}, {when}.",
		"fr": "D'accord, rien ne change : {service}{staff}, {when}.",
		"de": "In Ordnung, es bleibt dabei: {service}{staff}, {when}.",
		"it": "Va bene, resta com'è: {service}{staff}, {when}.",
	}
	sayNothingChanged = sentence{
		"en": "Alright, I have changed nothing.",
		"es": "De acuerdo, no he cambiado nada.",
		"pt": "Certo, não mudei nada.",
		"fr": "D'accord, je n'ai rien changé.",
		"de": "In Ordnung, ich habe nichts geändert.",
		"it": "Va bene, non ho cambiato nulla.",
	}
	sayNothingBooked = sentence{
		"en": "Alright, I have not made an appointment.",
		"es": "De acuerdo, no he hecho ninguna cita.",
		"pt": "Certo, não fiz nenhuma marcação.",
		"fr": "D'accord, je n'ai pas pris de rendez-vous.",
		"de": "In Ordnung, ich habe keinen Termin eingetragen.",
		"it": "Va bene, non ho fissato nessun appuntamento.",
	}
	sayGone = sentence{
		"en": "This appointment can no longer be changed.",
		"es": "Esta cita ya no se puede cambiar.",
		"pt": "Esta marcação já não pode ser alterada.",
		"fr": "Ce rendez-vous ne peut plus être modifié.",
		"de": "Dieser Termin kann nicht mehr geändert werden.",
		"it": "Questo appuntamento non può più essere modificato.",
	}
	sayPast = sentence{
		"en": "That time has already passed.",
		"es": "Esa hora ya ha pasado.",
		"pt": "Esse horário já passou.",
		"fr": "Cette heure est déjà passée.",
		"de": "Diese Zeit ist schon vorbei.",
		"it": "Quell'orario è già passato.",
	}
	sayNoSuchTime = sentence{
		"en": "There is no such day or time in the calendar.",
		"es": "Ese día o esa hora no existe en el calendario.",
		"pt": "Esse dia ou essa hora não existe no calendário.",
		"fr": "Ce jour ou cette heure n'existe pas dans le calendrier.",
		"de": "Diesen Tag oder diese Uhrzeit gibt es im Kalender nicht.",
		"it": "Quel giorno o quell'ora non esiste nel calendario.",
	}
	sayTwoTimes = sentence{
		"en": "The clocks go back then, so that this time comes twice.",
		"es": "Ese día se atrasa el reloj y esa hora se repite.",
		"pt": "Nesse dia o relógio atrasa e essa hora se repete.",
		"fr": "Les horloges reculent ce jour-là, et cette heure revient deux fois.",
		"de": "Die Uhren werden dann zurückgestellt; diese Zeit kommt zweimal.",
		"it": "Quel giorno si sposta indietro l'orologio e quell'ora si ripete.",
	}
	sayClosed = sentence{
		"en": "We are closed on that day.",
		"es": "Ese día está cerrado.",
		"pt": "Nesse dia estamos fechados.",
		"fr": "Nous sommes fermés ce jour-là.",
		"de": "An diesem Tag ist geschlossen.",
		"it": "Quel giorno siamo chiusi.",
	}
	sayTooSoon = sentence{
		"en": "That is too soon; we need a little more notice.",
		"es": "Es demasiado pronto; necesitamos más antelación.",
		"pt": "É cedo demais; precisamos de mais antecedência.",
		"fr": "C'est trop tôt ; il nous faut plus de préavis.",
		"de": "Das ist zu kurzfristig für uns.",
		"it": "È troppo presto; ci serve più preavviso.",
	}
	sayTooFar = sentence{
		"en": "That is further ahead than we book.",
		"es": "Todavía no damos citas para tan lejos.",
		"pt": "Ainda não marcamos com tanta antecedência.",
		"fr": "Nous ne réservons pas si loin à l'avance.",
		"de": "So weit im Voraus vergeben wir keine Termine.",
		"it": "Non prendiamo appuntamenti così in là.",
	}
	sayOutsideHours = sentence{
		"en": "That is outside of our hours.",
		"es": "Eso está fuera de nuestro horario.",
		"pt": "Isso está fora do nosso horário.",
		"fr": "C'est en dehors de nos horaires.",
		"de": "Das liegt außerhalb unserer Zeiten.",
		"it": "È fuori dai nostri orari.",
	}
	sayStaffOff = sentence{
		"en": "Nobody who does this is there at that time.",
		"es": "A esa hora no está quien lo hace.",
		"pt": "Nesse horário não há quem o faça.",
		"fr": "Personne n'est là pour cela à ce moment.",
		"de": "Zu dieser Zeit ist niemand dafür da.",
		"it": "A quell'ora non c'è chi lo fa.",
	}
	sayAway = sentence{
		"en": "{name} is not here on that day.",
		"es": "{name} no está ese día.",
		"pt": "{name} não está nesse dia.",
		"fr": "{name} n'est pas là ce jour-là.",
		"de": "{name} ist an diesem Tag nicht da.",
		"it": "{name} non c'è quel giorno.",
	}
	sayDayOver = sentence{
		"en": "There is nothing left for today.",
		"es": "Para hoy ya no queda nada.",
		"pt": "Para hoje já não há nada.",
		"fr": "Il n'y a plus rien pour aujourd'hui.",
		"de": "Für heute ist nichts mehr frei.",
		"it": "Per oggi non c'è più nulla.",
	}
	sayAlready = sentence{
		"en": "You have that already: {service}{staff}, {when}.",
		"es": "Ya la tiene: {service}{staff}, {when}.",
		"pt": "Já está marcado: {service}{staff}, {when}.",
		"fr": "Vous l'avez déjà : {service}{staff}, {when}.",
		"de": "Das haben Sie schon: {service}{staff}, {when}.",
		"it": "Ce l'ha già: {service}{staff}, {when}.",
	}
	sayTakeYourTime = sentence{
		"en": "Of course, take your time.",
		"es": "Claro, tómese su tiempo.",
		"pt": "Claro, sem pressa.",
		"fr": "Bien sûr, prenez votre temps.",
		"de": "Natürlich, lassen Sie sich Zeit.",
		"it": "Certo, faccia con calma.",
	}
	sayNotOffered = sentence{
		"en": "{name} does not do {service}.",
		"es": "{name} no hace {service}.",
		"pt": "{name} não faz {service}.",
		"fr": "{name} ne fait pas {service}.",
		"de": "{name} macht {service} nicht.",
		"it": "{name} non fa {service}.",
	}
	sayNotOfferedNow = sentence{
		"en": "{service} cannot be booked now.",
		"es": "{service} no se puede reservar ahora.",
		"pt": "{service} não pode ser marcado agora.",
		"fr": "{service} ne peut pas être réservé pour le moment.",
		"de": "{service} kann derzeit nicht gebucht werden.",
		"it": "{service} non si può prenotare ora.",
	}
	sayDayFull = sentence{
		"en": "That day is full.",
		"es": "Ese día está completo.",
		"pt": "Esse dia está lotado.",
		"fr": "Ce jour est complet.",
		"de": "Dieser Tag ist ausgebucht.",
		"it": "Quel giorno è al completo.",
	}
	sayTaken = sentence{
		"en": "That time is not free.",
		"es": "Esa hora no está libre.",
		"pt": "Esse horário não está livre.",
		"fr": "Cet horaire n'est pas libre.",
		"de": "Diese Zeit ist nicht frei.",
		"it": "Quell'orario non è libero.",
	}
	sayNothingThen = sentence{
		"en": "Nothing else is free then.",
		"es": "No hay nada más libre entonces.",
		"pt": "Não há mais nada livre então.",
		"fr": "Il n'y a rien d'autre de libre alors.",
		"de": "Dann ist sonst nichts frei.",
		"it": "Non c'è altro di libero allora.",
	}
	sayYesBook = sentence{
		"en": "Yes, book it",
		"es": "Sí, reservar",
		"pt": "Sim, marcar",
		"fr": "Oui, réserver",
		"de": "Ja, buchen",
		"it": "Sì, prenota",
	}
	sayYesMove = sentence{
		"en": "Yes, move it",
		"es": "Sí, cambiarla",
		"pt": "Sim, mudar",
		"fr": "Oui, déplacer",
		"de": "Ja, verlegen",
		"it": "Sì, sposta",
	}
	sayYesCancel = sentence{
		"en": "Yes, cancel it",
		"es": "Sí, cancelarla",
		"pt": "Sim, cancelar",
		"fr": "Oui, annuler",
		"de": "Ja, absagen",
		"it": "Sì, annulla",
	}
	sayNoKeep = sentence{
		"en": "No, keep it",
		"es": "No, mantenerla",
		"pt": "Não, manter",
		"fr": "Non, garder",
		"de": "Nein, behalten",
		"it": "No, mantieni",
	}
	sayOtherTime = sentence{
		"en": "Another time",
		"es": "Otra hora",
		"pt": "Outro horário",
		"fr": "Autre horaire",
		"de": "Andere Zeit",
		"it": "Altro orario",
	}
	sayChoose = sentence{
		"en": "Choose",
		"es": "Elegir",
		"pt": "Escolher",
		"fr": "Choisir",
		"de": "Auswählen",
		"it": "Scegli",
	}
)
