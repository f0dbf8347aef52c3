package bookpage

import (
	"slices"
	"strconv"
	"strings"

	"frontdesk/gateway/tenant"
)

// words is all that the pages say in one language.
type words struct {
	Language, LanguageName, ChooseLanguage                   string
	Title, ChooseService, OtherService, ChooseStaff, Anyone  string
	ChooseDay, ChooseTime, PreviousMonth, NextMonth          string
	FreeOne, FreeMany, NoneFree, NoneThisMonth, Clock        string
	YourDetails, Name, Phone, Note, Optional, Book           string
	Kept, NotKept, AnotherTime                               string
	Taken, Unavailable, FreeInstead                          string
	NameMissing, PhoneWrong, FixThese, NoteLong              string
	Booked, Moved, Cancelled, Yours, Over                    string
	When, Service, With, Price, Minutes                      string
	AddToCalendar, Move, Cancel, SureToCancel, YesCancel, No string
	KeepLink, NewTime, Now, BookAnother                      string
	NotFound, NotFoundHint, TooMany, TooManyHint             string
	Closed, ClosedHint, Foreign, ForeignHint, Loaded         string
}

// minutes returns "45 min".
func (w words) minutes(n int) string { return strings.ReplaceAll(w.Minutes, "{n}", strconv.Itoa(n)) }

// free returns "3 times free".
func (w words) free(n int) string {
	switch n {
	case 0:
		return w.NoneFree
	case 1:
		return w.FreeOne
	default:
		return strings.ReplaceAll(w.FreeMany, "{n}", strconv.Itoa(n))
	}
}

// spoken returns the languages of the business that the pages speak, its
// default first; English where they speak none of them.
func spoken(business tenant.Tenant) []string {
	var out []string
	for _, l := range business.Languages {
		if _, ok := languages[l]; ok && !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	if len(out) == 0 {
		return []string{"en"}
	}
	return out
}

// choose returns the words for a visitor: the language that was asked for, else
// the best that the browser accepts, else the business's first.
func choose(business tenant.Tenant, asked, accept string) words {
	offered := spoken(business)
	if slices.Contains(offered, asked) {
		return languages[asked]
	}
	best, weight := offered[0], 0.0
	for part := range strings.SplitSeq(accept, ",") {
		tag, parameter, _ := strings.Cut(part, ";")
		language, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		q := 1.0
		if value, ok := strings.CutPrefix(strings.TrimSpace(parameter), "q="); ok {
			q, _ = strconv.ParseFloat(value, 64)
		}
		if slices.Contains(offered, language) && q > weight {
			best, weight = language, q
		}
	}
	return languages[best]
}

var languages = map[string]words{
	"en": {
		Language: "en", LanguageName: "English", ChooseLanguage: "Language",
		Title: "Book an appointment", ChooseService: "Choose a service", OtherService: "Change", ChooseStaff: "With whom?", Anyone: "Anyone",
		ChooseDay: "Choose a day", ChooseTime: "Choose a time", PreviousMonth: "Previous month", NextMonth: "Next month",
		FreeOne: "1 time free", FreeMany: "{n} times free", NoneFree: "no times free", NoneThisMonth: "Nothing is free in this month. Look at the next one.", Clock: "Times are by the clock of {zone}.",
		YourDetails: "Your details", Name: "Name", Phone: "Phone number", Note: "Note", Optional: "optional", Book: "Book",
		Kept: "We keep this time for you until {time}.", NotKept: "This time is no longer kept for you. Book now, or choose another time.", AnotherTime: "Choose another time",
		Taken: "This time has just been taken.", Unavailable: "This time cannot be booked.", FreeInstead: "These times are free:",
		NameMissing: "Please write your name.", PhoneWrong: "Please write a phone number, such as {example}.", FixThese: "Something is missing:", NoteLong: "The note is too long.",
		Booked: "Your appointment is booked", Moved: "Your appointment was moved", Cancelled: "This appointment is cancelled", Yours: "Your appointment", Over: "This appointment is over.",
		When: "When", Service: "Service", With: "With", Price: "Price", Minutes: "{n} min",
		AddToCalendar: "Add to calendar", Move: "Move", Cancel: "Cancel appointment", SureToCancel: "Cancel this appointment?", YesCancel: "Yes, cancel it", No: "No, keep it",
		KeepLink: "Keep the address of this page: with it you can move or cancel your appointment.", NewTime: "Choose a new time", Now: "Until now:", BookAnother: "Book another appointment",
		NotFound: "There is nothing here", NotFoundHint: "The address may be incomplete.", TooMany: "Too many requests", TooManyHint: "Please wait a moment and try again.",
		Closed: "Nothing can be booked here at the moment", ClosedHint: "Please contact us directly.", Foreign: "This form came from another page", ForeignHint: "Please begin again here.", Loaded: "{month}: {free}",
	},
	"es": {
		Language: "es", LanguageName: "Español", ChooseLanguage: "Idioma",
		Title: "Reservar una cita", ChooseService: "Elija un servicio", OtherService: "Cambiar", ChooseStaff: "¿Con quién?", Anyone: "Cualquiera",
		ChooseDay: "Elija un día", ChooseTime: "Elija una hora", PreviousMonth: "Mes anterior", NextMonth: "Mes siguiente",
		FreeOne: "1 hora libre", FreeMany: "{n} horas libres", NoneFree: "sin horas libres", NoneThisMonth: "No hay nada libre este mes. Mire el siguiente.", Clock: "Las horas son las de {zone}.",
		YourDetails: "Sus datos", Name: "Nombre", Phone: "Número de teléfono", Note: "Nota", Optional: "opcional", Book: "Reservar",
		Kept: "Le guardamos esta hora hasta las {time}.", NotKept: "Ya no le guardamos esta hora. Reserve ahora o elija otra.", AnotherTime: "Elegir otra hora",
		Taken: "Esta hora acaba de ocuparse.", Unavailable: "Esta hora no se puede reservar.", FreeInstead: "Estas horas están libres:",
		NameMissing: "Escriba su nombre.", PhoneWrong: "Escriba un número de teléfono, por ejemplo {example}.", FixThese: "Falta algo:", NoteLong: "La nota es demasiado larga.",
		Booked: "Su cita está reservada", Moved: "Su cita ha cambiado de hora", Cancelled: "Esta cita está cancelada", Yours: "Su cita", Over: "Esta cita ya pasó.",
		When: "Cuándo", Service: "Servicio", With: "Con", Price: "Precio", Minutes: "{n} min",
		AddToCalendar: "Añadir al calendario", Move: "Cambiar", Cancel: "Cancelar la cita", SureToCancel: "¿Cancelar esta cita?", YesCancel: "Sí, cancelarla", No: "No, mantenerla",
		KeepLink: "Guarde la dirección de esta página: con ella puede cambiar o cancelar su cita.", NewTime: "Elija una nueva hora", Now: "Hasta ahora:", BookAnother: "Reservar otra cita",
		NotFound: "Aquí no hay nada", NotFoundHint: "Puede que la dirección esté incompleta.", TooMany: "Demasiadas peticiones", TooManyHint: "Espere un momento e inténtelo de nuevo.",
		Closed: "Por ahora no se puede reservar aquí", ClosedHint: "Póngase en contacto con nosotros.", Foreign: "Este formulario vino de otra página", ForeignHint: "Empiece de nuevo aquí.", Loaded: "{month}: {free}",
	},
	"pt": {
		Language: "pt", LanguageName: "Português", ChooseLanguage: "Idioma",
		Title: "Marcar um horário", ChooseService: "Escolha um serviço", OtherService: "Trocar", ChooseStaff: "Com quem?", Anyone: "Qualquer pessoa",
		ChooseDay: "Escolha um dia", ChooseTime: "Escolha uma hora", PreviousMonth: "Mês anterior", NextMonth: "Mês seguinte",
		FreeOne: "1 horário livre", FreeMany: "{n} horários livres", NoneFree: "sem horários livres", NoneThisMonth: "Não há nada livre neste mês. Veja o seguinte.", Clock: "Os horários são os de {zone}.",
		YourDetails: "Seus dados", Name: "Nome", Phone: "Número de telefone", Note: "Observação", Optional: "opcional", Book: "Marcar",
		Kept: "Guardamos este horário para você até às {time}.", NotKept: "Este horário já não está guardado. Marque agora ou escolha outro.", AnotherTime: "Escolher outro horário",
		Taken: "Este horário acabou de ser ocupado.", Unavailable: "Este horário não pode ser marcado.", FreeInstead: "Estes horários estão livres:",
		NameMissing: "Escreva o seu nome.", PhoneWrong: "Escreva um número de telefone, por exemplo {example}.", FixThese: "Falta algo:", NoteLong: "A observação é longa demais.",
		Booked: "O seu horário está marcado", Moved: "O seu horário foi alterado", Cancelled: "Este horário está cancelado", Yours: "O seu horário", Over: "Este horário já passou.",
		When: "Quando", Service: "Serviço", With: "Com", Price: "Preço", Minutes: "{n} min",
		AddToCalendar: "Adicionar ao calendário", Move: "Alterar", Cancel: "Cancelar o horário", SureToCancel: "Cancelar este horário?", YesCancel: "Sim, cancelar", No: "Não, manter",
		KeepLink: "Guarde o endereço desta página: com ele pode alterar ou cancelar o seu horário.", NewTime: "Escolha um novo horário", Now: "Até agora:", BookAnother: "Marcar outro horário",
		NotFound: "Não há nada aqui", NotFoundHint: "O endereço pode estar incompleto.", TooMany: "Pedidos demais", TooManyHint: "Espere um momento e tente de novo.",
		Closed: "De momento não é possível marcar aqui", ClosedHint: "Entre em contato conosco.", Foreign: "Este formulário veio de outra página", ForeignHint: "Comece de novo aqui.", Loaded: "{month}: {free}",
	},
	"fr": {
		Language: "fr", LanguageName: "Français", ChooseLanguage: "Langue",
		Title: "Prendre rendez-vous", ChooseService: "Choisissez une prestation", OtherService: "Changer", ChooseStaff: "Avec qui ?", Anyone: "Peu importe",
		ChooseDay: "Choisissez un jour", ChooseTime: "Choisissez une heure", PreviousMonth: "Mois précédent", NextMonth: "Mois suivant",
		FreeOne: "1 horaire libre", FreeMany: "{n} horaires libres", NoneFree: "aucun horaire libre", NoneThisMonth: "Rien n’est libre ce mois-ci. Regardez le suivant.", Clock: "Les heures sont celles de {zone}.",
		YourDetails: "Vos coordonnées", Name: "Nom", Phone: "Numéro de téléphone", Note: "Remarque", Optional: "facultatif", Book: "Réserver",
		Kept: "Nous vous gardons cet horaire jusqu’à {time}.", NotKept: "Cet horaire ne vous est plus gardé. Réservez maintenant ou choisissez-en un autre.", AnotherTime: "Choisir un autre horaire",
		Taken: "Cet horaire vient d’être pris.", Unavailable: "Cet horaire ne peut pas être réservé.", FreeInstead: "Ces horaires sont libres :",
		NameMissing: "Écrivez votre nom.", PhoneWrong: "Écrivez un numéro de téléphone, par exemple {example}.", FixThese: "Il manque quelque chose :", NoteLong: "La remarque est trop longue.",
		Booked: "Votre rendez-vous est réservé", Moved: "Votre rendez-vous a été déplacé", Cancelled: "Ce rendez-vous est annulé", Yours: "Votre rendez-vous", Over: "Ce rendez-vous est passé.",
		When: "Quand", Service: "Prestation", With: "Avec", Price: "Prix", Minutes: "{n} min",
		AddToCalendar: "Ajouter au calendrier", Move: "Déplacer", Cancel: "Annuler le rendez-vous", SureToCancel: "Annuler ce rendez-vous ?", YesCancel: "Oui, l’annuler", No: "Non, le garder",
		KeepLink: "Gardez l’adresse de cette page : elle permet de déplacer ou d’annuler votre rendez-vous.", NewTime: "Choisissez un nouvel horaire", Now: "Jusqu’ici :", BookAnother: "Prendre un autre rendez-vous",
		NotFound: "Il n’y a rien ici", NotFoundHint: "L’adresse est peut-être incomplète.", TooMany: "Trop de demandes", TooManyHint: "Attendez un moment et réessayez.",
		Closed: "Aucune réservation n’est possible ici pour le moment", ClosedHint: "Contactez-nous directement.", Foreign: "Ce formulaire vient d’une autre page", ForeignHint: "Recommencez ici.", Loaded: "{month} : {free}",
	},
	"de": {
		Language: "de", LanguageName: "Deutsch", ChooseLanguage: "Sprache",
		Title: "Termin buchen", ChooseService: "Leistung wählen", OtherService: "Ändern", ChooseStaff: "Bei wem?", Anyone: "Egal, bei wem",
		ChooseDay: "Tag wählen", ChooseTime: "Uhrzeit wählen", PreviousMonth: "Voriger Monat", NextMonth: "Nächster Monat",
		FreeOne: "1 Termin frei", FreeMany: "{n} Termine frei", NoneFree: "nichts frei", NoneThisMonth: "In diesem Monat ist nichts frei. Sehen Sie im nächsten nach.", Clock: "Die Uhrzeiten gelten in {zone}.",
		YourDetails: "Ihre Angaben", Name: "Name", Phone: "Telefonnummer", Note: "Anmerkung", Optional: "freiwillig", Book: "Buchen",
		Kept: "Wir halten diesen Termin bis {time} Uhr für Sie frei.", NotKept: "Dieser Termin wird nicht mehr für Sie freigehalten. Buchen Sie jetzt oder wählen Sie einen anderen.", AnotherTime: "Anderen Termin wählen",
		Taken: "Dieser Termin ist gerade vergeben worden.", Unavailable: "Dieser Termin kann nicht gebucht werden.", FreeInstead: "Diese Termine sind frei:",
		NameMissing: "Bitte schreiben Sie Ihren Namen.", PhoneWrong: "Bitte schreiben Sie eine Telefonnummer, zum Beispiel {example}.", FixThese: "Es fehlt noch etwas:", NoteLong: "Die Anmerkung ist zu lang.",
		Booked: "Ihr Termin ist gebucht", Moved: "Ihr Termin wurde verlegt", Cancelled: "Dieser Termin ist abgesagt", Yours: "Ihr Termin", Over: "Dieser Termin ist vorbei.",
		When: "Wann", Service: "Leistung", With: "Bei", Price: "Preis", Minutes: "{n} Min.",
		AddToCalendar: "Zum Kalender hinzufügen", Move: "Verlegen", Cancel: "Termin absagen", SureToCancel: "Diesen Termin absagen?", YesCancel: "Ja, absagen", No: "Nein, behalten",
		KeepLink: "Heben Sie die Adresse dieser Seite auf: Damit können Sie Ihren Termin verlegen oder absagen.", NewTime: "Neuen Termin wählen", Now: "Bisher:", BookAnother: "Weiteren Termin buchen",
		NotFound: "Hier ist nichts", NotFoundHint: "Vielleicht ist die Adresse unvollständig.", TooMany: "Zu viele Anfragen", TooManyHint: "Bitte warten Sie einen Moment und versuchen Sie es noch einmal.",
		Closed: "Zurzeit kann hier nichts gebucht werden", ClosedHint: "Bitte wenden Sie sich direkt an uns.", Foreign: "Dieses Formular kam von einer anderen Seite", ForeignHint: "Bitte beginnen Sie hier von vorn.", Loaded: "{month}: {free}",
	},
	"it": {
		Language: "it", LanguageName: "Italiano", ChooseLanguage: "Lingua",
		Title: "Prenota un appuntamento", ChooseService: "Scegli un servizio", OtherService: "Cambia", ChooseStaff: "Con chi?", Anyone: "Chiunque",
		ChooseDay: "Scegli un giorno", ChooseTime: "Scegli un orario", PreviousMonth: "Mese precedente", NextMonth: "Mese successivo",
		FreeOne: "1 orario libero", FreeMany: "{n} orari liberi", NoneFree: "nessun orario libero", NoneThisMonth: "Non c’è nulla di libero in questo mese. Guarda il prossimo.", Clock: "Gli orari sono quelli di {zone}.",
		YourDetails: "I tuoi dati", Name: "Nome", Phone: "Numero di telefono", Note: "Nota", Optional: "facoltativo", Book: "Prenota",
		Kept: "Teniamo questo orario per te fino alle {time}.", NotKept: "Questo orario non è più riservato. Prenota ora o scegline un altro.", AnotherTime: "Scegli un altro orario",
		Taken: "Questo orario è appena stato preso.", Unavailable: "Questo orario non si può prenotare.", FreeInstead: "Questi orari sono liberi:",
		NameMissing: "Scrivi il tuo nome.", PhoneWrong: "Scrivi un numero di telefono, per esempio {example}.", FixThese: "Manca qualcosa:", NoteLong: "La nota è troppo lunga.",
		Booked: "Il tuo appuntamento è prenotato", Moved: "Il tuo appuntamento è stato spostato", Cancelled: "Questo appuntamento è annullato", Yours: "Il tuo appuntamento", Over: "Questo appuntamento è passato.",
		When: "Quando", Service: "Servizio", With: "Con", Price: "Prezzo", Minutes: "{n} min",
		AddToCalendar: "Aggiungi al calendario", Move: "Sposta", Cancel: "Annulla l’appuntamento", SureToCancel: "Annullare questo appuntamento?", YesCancel: "Sì, annullalo", No: "No, tienilo",
		KeepLink: "Conserva l’indirizzo di questa pagina: con esso puoi spostare o annullare l’appuntamento.", NewTime: "Scegli un nuovo orario", Now: "Finora:", BookAnother: "Prenota un altro appuntamento",
		NotFound: "Qui non c’è nulla", NotFoundHint: "L’indirizzo potrebbe essere incompleto.", TooMany: "Troppe richieste", TooManyHint: "Aspetta un momento e riprova.",
		Closed: "Al momento qui non si può prenotare", ClosedHint: "Contattaci direttamente.", Foreign: "Questo modulo è arrivato da un’altra pagina", ForeignHint: "Ricomincia da qui.", Loaded: "{month}: {free}",
	},
}
