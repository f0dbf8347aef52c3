package agent

import "strings"

// sentence is something the built-in brain can say. {business} stands for the
// tenant's name and {phone} for its number.
type sentence map[string]string

// say returns what in lang, or in the first of the tenant's languages that it
// is written in, or in English.
func say(s State, lang string, what sentence) string {
	text, ok := what[lang]
	for i := 0; !ok && i < len(s.Business.Languages); i++ {
		text, ok = what[s.Business.Languages[i]]
	}
	if !ok {
		text = what["en"]
	}
	return strings.NewReplacer("{business}", s.Business.Name).Replace(text)
}

var (
	sayGreeting = sentence{
		"en": "Hello, this is {business}. How can I help you?",
		"es": "Hola, le saluda {business}. ¿En qué puedo ayudarle?",
		"pt": "Olá, aqui é {business}. Como posso ajudar?",
		"fr": "Bonjour, ici {business}. Comment puis-je vous aider ?",
		"de": "Hallo, hier ist {business}. Wie kann ich Ihnen helfen?",
		"it": "Buongiorno, qui {business}. Come posso aiutarla?",
	}
	sayWelcome = sentence{
		"en": "You're welcome!",
		"es": "¡De nada!",
		"pt": "De nada!",
		"fr": "Avec plaisir !",
		"de": "Gern geschehen!",
		"it": "Prego!",
	}
	sayHelp = sentence{
		"en": "This is {business}. Ask a question and I'll look for the answer, or write that you want to talk to a person. Reply STOP to get no more messages.",
		"es": "Aquí {business}. Haga una pregunta y buscaré la respuesta, o escriba que quiere hablar con una persona. Responda STOP para no recibir más mensajes.",
		"pt": "Aqui é {business}. Faça uma pergunta e eu procuro a resposta, ou escreva que quer falar com uma pessoa. Responda STOP para não receber mais mensagens.",
		"fr": "Ici {business}. Posez une question et je cherche la réponse, ou écrivez que vous voulez parler à une personne. Répondez STOP pour ne plus recevoir de messages.",
		"de": "Hier ist {business}. Stellen Sie eine Frage und ich suche die Antwort, oder schreiben Sie, dass Sie mit einem Menschen sprechen möchten. Mit STOP erhalten Sie keine Nachrichten mehr.",
		"it": "Qui {business}. Faccia una domanda e cerco la risposta, oppure scriva che vuole parlare con una persona. Risponda STOP per non ricevere altri messaggi.",
	}
	sayRephrase = sentence{
		"en": "I'm sorry, I did not understand that. Could you put it another way?",
		"es": "Lo siento, no lo he entendido. ¿Podría decirlo de otra manera?",
		"pt": "Desculpe, não entendi. Poderia dizer de outra forma?",
		"fr": "Désolé, je n'ai pas compris. Pourriez-vous le dire autrement ?",
		"de": "Das habe ich leider nicht verstanden. Könnten Sie es anders sagen?",
		"it": "Mi dispiace, non ho capito. Può dirlo in un altro modo?",
	}
	sayUnknown = sentence{
		"en": "I'm sorry, I don't know that. I'll get someone to answer you.",
		"es": "Lo siento, eso no lo sé. Voy a pedir a alguien que le responda.",
		"pt": "Desculpe, isso eu não sei. Vou pedir a alguém que responda.",
		"fr": "Désolé, je ne le sais pas. Je demande à quelqu'un de vous répondre.",
		"de": "Das weiß ich leider nicht. Ich hole jemanden, der Ihnen antwortet.",
		"it": "Mi dispiace, questo non lo so. Chiedo a qualcuno di risponderle.",
	}
	sayLost = sentence{
		"en": "I'm sorry, I did not understand that. I'll get someone to help you.",
		"es": "Lo siento, no lo he entendido. Voy a avisar a una persona para que le ayude.",
		"pt": "Desculpe, não entendi. Vou chamar uma pessoa para ajudar.",
		"fr": "Désolé, je n'ai pas compris. Je préviens quelqu'un qui va vous aider.",
		"de": "Das habe ich leider nicht verstanden. Ich hole jemanden, der Ihnen hilft.",
		"it": "Mi dispiace, non ho capito. Avviso una persona che la aiuterà.",
	}
	saySorry = sentence{
		"en": "I'm sorry about that. I'll get someone to help you; please wait a little for their reply.",
		"es": "Lamento lo ocurrido. Voy a avisar a una persona para que le ayude; por favor, espere un poco su respuesta.",
		"pt": "Lamento o ocorrido. Vou chamar uma pessoa para ajudar; por favor, aguarde um pouco a resposta.",
		"fr": "Je suis désolé. Je préviens quelqu'un qui va vous aider ; merci de patienter un peu.",
		"de": "Das tut mir leid. Ich hole jemanden, der Ihnen hilft; bitte warten Sie einen Moment auf die Antwort.",
		"it": "Mi dispiace per l'accaduto. Avviso una persona che la aiuterà; attenda un momento la risposta, per favore.",
	}
	sayHandoff = sentence{
		"en": "I'll get someone to help you. Please wait a little for their reply.",
		"es": "Voy a avisar a una persona para que le ayude. Por favor, espere un poco su respuesta.",
		"pt": "Vou chamar uma pessoa para ajudar. Por favor, aguarde um pouco a resposta.",
		"fr": "Je préviens quelqu'un qui va vous aider. Merci de patienter un peu.",
		"de": "Ich hole jemanden, der Ihnen hilft. Bitte warten Sie einen Moment auf die Antwort.",
		"it": "Avviso una persona che la aiuterà. Attenda un momento la risposta, per favore.",
	}
	sayUnreadable = sentence{
		"en": "I can't read this kind of message. I'll get someone to look at it.",
		"es": "No puedo leer este tipo de mensaje. Voy a pedir a alguien que lo vea.",
		"pt": "Não consigo ler este tipo de mensagem. Vou pedir a alguém que veja.",
		"fr": "Je ne peux pas lire ce type de message. Je demande à quelqu'un de le regarder.",
		"de": "Diese Art von Nachricht kann ich nicht lesen. Ich hole jemanden, der sie ansieht.",
		"it": "Non posso leggere questo tipo di messaggio. Chiedo a qualcuno di guardarlo.",
	}
	sayOptedOut = sentence{
		"en": "{business}: you will get no more messages from us here. Reply START to get them again.",
		"es": "{business}: no recibirá más mensajes nuestros por aquí. Responda START para volver a recibirlos.",
		"pt": "{business}: você não receberá mais mensagens nossas por aqui. Responda START para voltar a receber.",
		"fr": "{business} : vous ne recevrez plus de messages de notre part ici. Répondez START pour en recevoir à nouveau.",
		"de": "{business}: Sie erhalten hier keine Nachrichten mehr von uns. Mit START erhalten Sie sie wieder.",
		"it": "{business}: non riceverà più nostri messaggi qui. Risponda START per riceverli di nuovo.",
	}
	sayOptedIn = sentence{
		"en": "{business}: you will get our messages again. Reply STOP to end them.",
		"es": "{business}: volverá a recibir nuestros mensajes. Responda STOP para dejar de recibirlos.",
		"pt": "{business}: você voltará a receber nossas mensagens. Responda STOP para parar.",
		"fr": "{business} : vous recevrez à nouveau nos messages. Répondez STOP pour arrêter.",
		"de": "{business}: Sie erhalten wieder Nachrichten von uns. Mit STOP beenden Sie sie.",
		"it": "{business}: riceverà di nuovo i nostri messaggi. Risponda STOP per interromperli.",
	}
)
