// Package twilio is the adapter to Twilio's messaging: SMS, MMS, and WhatsApp
// by way of Twilio. Callbacks come as forms, messages go as forms.
//
// A callback bears no time; its updates have a zero At.
package twilio
