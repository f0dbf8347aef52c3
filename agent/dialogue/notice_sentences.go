package dialogue

var (
	sayReminder = sentence{
		"en": "{business}: we expect you for {service}{staff}, {when}. Will you come?",
		"es": "{business}: le esperamos para {service}{staff}, {when}. ¿Vendrá?",
		"pt": "{business}: esperamos por si para {service}{staff}, {when}. Vem?",
		"fr": "{business} : nous vous attendons pour {service}{staff}, {when}. Viendrez-vous ?",
		"de": "{business}: Wir erwarten Sie zu {service}{staff}, {when}. Kommen Sie?",
		"it": "{business}: la aspettiamo per {service}{staff}, {when}. Verrà?",
	}
	sayFreed = sentence{
		"en": "{business}: a time has become free: {service}{staff}, {when}. Shall I book it for you?",
		"es": "{business}: se ha liberado una hora: {service}{staff}, {when}. ¿La reservo para usted?",
		"pt": "{business}: um horário ficou livre: {service}{staff}, {when}. Posso marcar para si?",
		"fr": "{business} : un horaire s'est libéré : {service}{staff}, {when}. Je le réserve pour vous ?",
		"de": "{business}: Ein Termin ist frei geworden: {service}{staff}, {when}. Soll ich ihn für Sie buchen?",
		"it": "{business}: si è liberato un orario: {service}{staff}, {when}. Lo prenoto per lei?",
	}
	sayConfirmed = sentence{
		"en": "Thank you, we expect you: {service}{staff}, {when}.",
		"es": "Gracias, le esperamos: {service}{staff}, {when}.",
		"pt": "Obrigado, esperamos por si: {service}{staff}, {when}.",
		"fr": "Merci, nous vous attendons : {service}{staff}, {when}.",
		"de": "Danke, wir erwarten Sie: {service}{staff}, {when}.",
		"it": "Grazie, la aspettiamo: {service}{staff}, {when}.",
	}
	sayNowAt = sentence{
		"en": "This appointment has been changed since. It is now {service}{staff}, {when}. Will you come?",
		"es": "Esta cita ha cambiado desde entonces. Ahora es {service}{staff}, {when}. ¿Vendrá?",
		"pt": "Esta marcação mudou entretanto. Agora é {service}{staff}, {when}. Vem?",
		"fr": "Ce rendez-vous a changé depuis. C'est maintenant {service}{staff}, {when}. Viendrez-vous ?",
		"de": "Dieser Termin wurde inzwischen geändert. Er ist jetzt {service}{staff}, {when}. Kommen Sie?",
		"it": "Questo appuntamento è cambiato nel frattempo. Ora è {service}{staff}, {when}. Verrà?",
	}
	sayMoveOrCancel = sentence{
		"en": "Would you like another time, or shall I cancel the appointment?",
		"es": "¿Prefiere otra hora o cancelo la cita?",
		"pt": "Prefere outro horário ou cancelo a marcação?",
		"fr": "Préférez-vous un autre horaire, ou dois-je annuler le rendez-vous ?",
		"de": "Möchten Sie eine andere Zeit, oder soll ich den Termin absagen?",
		"it": "Preferisce un altro orario o annullo l'appuntamento?",
	}
	sayOfferGone = sentence{
		"en": "This offer no longer stands.",
		"es": "Esta oferta ya no está disponible.",
		"pt": "Esta oferta já não está disponível.",
		"fr": "Cette proposition n'est plus valable.",
		"de": "Dieses Angebot gilt nicht mehr.",
		"it": "Questa offerta non è più valida.",
	}
	sayOfferNow = sentence{
		"en": "That offer no longer stands. Free for you now: {service}{staff}, {when}. Shall I book it?",
		"es": "Esa oferta ya no está disponible. Ahora le puedo ofrecer: {service}{staff}, {when}. ¿La reservo?",
		"pt": "Essa oferta já não está disponível. Agora posso oferecer: {service}{staff}, {when}. Posso marcar?",
		"fr": "Cette proposition n'est plus valable. Je peux maintenant vous proposer : {service}{staff}, {when}. Je le réserve ?",
		"de": "Jenes Angebot gilt nicht mehr. Jetzt ist für Sie frei: {service}{staff}, {when}. Soll ich das buchen?",
		"it": "Quell'offerta non è più valida. Ora posso proporle: {service}{staff}, {when}. Lo prenoto?",
	}
	sayWaiting = sentence{
		"en": "Alright. I will write to you here when a time becomes free. Nothing is booked yet.",
		"es": "De acuerdo. Le escribiré por aquí cuando se libere una hora. Todavía no hay nada reservado.",
		"pt": "Certo. Escrevo aqui quando um horário ficar livre. Ainda não há nada marcado.",
		"fr": "D'accord. Je vous écrirai ici dès qu'un horaire se libère. Rien n'est encore réservé.",
		"de": "In Ordnung. Ich schreibe Ihnen hier, wenn eine Zeit frei wird. Gebucht ist noch nichts.",
		"it": "Va bene. Le scriverò qui quando si libera un orario. Non è ancora prenotato nulla.",
	}
	sayWaitLimit = sentence{
		"en": "You are on our waitlist as often as is possible.",
		"es": "Ya está en nuestra lista de espera tantas veces como es posible.",
		"pt": "Já está na nossa lista de espera tantas vezes quanto possível.",
		"fr": "Vous êtes déjà sur notre liste d'attente autant de fois que possible.",
		"de": "Sie stehen schon so oft wie möglich auf unserer Warteliste.",
		"it": "È già nella nostra lista d'attesa il numero massimo di volte.",
	}
	sayWaitOn = sentence{
		"en": "Alright. I will write to you if another time becomes free.",
		"es": "De acuerdo. Le escribiré si se libera otra hora.",
		"pt": "Certo. Escrevo se outro horário ficar livre.",
		"fr": "D'accord. Je vous écrirai si un autre horaire se libère.",
		"de": "In Ordnung. Ich schreibe Ihnen, wenn eine andere Zeit frei wird.",
		"it": "Va bene. Le scriverò se si libera un altro orario.",
	}
	sayWaitOver = sentence{
		"en": "Alright. You are no longer on our waitlist for this.",
		"es": "De acuerdo. Ya no está en nuestra lista de espera para esto.",
		"pt": "Certo. Já não está na nossa lista de espera para isto.",
		"fr": "D'accord. Vous n'êtes plus sur notre liste d'attente pour cela.",
		"de": "In Ordnung. Sie stehen dafür nicht mehr auf unserer Warteliste.",
		"it": "Va bene. Non è più nella nostra lista d'attesa per questo.",
	}
	sayOrWait = sentence{
		"en": "Or shall I tell you when a time becomes free then?",
		"es": "¿O le aviso si se libera una hora entonces?",
		"pt": "Ou aviso se um horário ficar livre então?",
		"fr": "Ou dois-je vous prévenir si un horaire se libère alors ?",
		"de": "Oder soll ich Bescheid geben, wenn dann etwas frei wird?",
		"it": "O la avviso se si libera un orario allora?",
	}
	sayTellMe = sentence{
		"en": "Tell me if one is free",
		"es": "Avisarme si hay hora",
		"pt": "Avise-me se houver",
		"fr": "Me prévenir",
		"de": "Bescheid geben",
		"it": "Avvisami",
	}
	sayYesComing = sentence{
		"en": "Yes, I'll come",
		"es": "Sí, iré",
		"pt": "Sim, vou",
		"fr": "Oui, je viens",
		"de": "Ja, ich komme",
		"it": "Sì, vengo",
	}
	sayCancel = sentence{
		"en": "Cancel",
		"es": "Cancelar",
		"pt": "Cancelar",
		"fr": "Annuler",
		"de": "Absagen",
		"it": "Annulla",
	}
	sayNoThanks = sentence{
		"en": "No, thank you",
		"es": "No, gracias",
		"pt": "Não, obrigado",
		"fr": "Non, merci",
		"de": "Nein, danke",
		"it": "No, grazie",
	}
)

// Phrases that answer a notice, folded, of all languages.
var (
	comingOnes = phrasesOf("confirm, confirmed, i confirm, ill come, i ll come, i will come, ill be there, i ll be there, i will be there, see you, see you then, see you tomorrow",
		"confirmo, confirmar, confirmado, confirmada, ire, alli estare, ahi estare, asistire, nos vemos",
		"vou, estarei la, estarei ai, la estarei, compareco",
		"confirme, je confirme, confirmer, je viens, je viendrai, je serai la, j y serai, a demain",
		"bestatige, bestatigen, bestatigt, ich komme, komme, bin da, bis morgen",
		"confermo, confermare, confermato, vengo, verro, ci saro, a domani")
	waitOnes = phrasesOf("waitlist, wait list, waiting list, tell me if, tell me when, let me know, notify me, if something opens, if something frees, if anything opens, if one opens, if one frees",
		"lista de espera, aviseme, avisame, avisarme, me avisa, me avisas, si se libera, si se desocupa",
		"avise me, me avise, me avisa, avisa me, se abrir, se vagar, se liberar",
		"liste d attente, prevenez moi, previens moi, me prevenir, si ca se libere, si une place se libere",
		"warteliste, bescheid geben, geben sie mir bescheid, sagen sie mir bescheid, wenn etwas frei, falls etwas frei",
		"lista d attesa, lista di attesa, mi avvisi, avvisami, avvisatemi, se si libera")
)
