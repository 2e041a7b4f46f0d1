/* advice - a table: https://www.twilio.com/docs/api/errors/<code> in the words of vendors.yaml. */
#include "advice.h"

#include <stddef.h>

#include "words.h"

struct advice {
    int32_t first;
    int32_t last;
    const char *english;
    const char *spanish;
};

static const struct advice advices[] = {
    /* the account */
    {10001, 10001, "The Twilio account is not active: look at its notices in the console.",
     "La cuenta de Twilio no está activa: mira sus avisos en la consola."},
    {20003, 20003,
     "Check account_sid and auth_token (or the API key): Twilio does not accept them, or the "
     "account is suspended.",
     "Revisa account_sid y auth_token (o la API key): Twilio no los acepta, o la cuenta está "
     "suspendida."},
    {20005, 20005, "The Twilio account is not active: look at its notices in the console.",
     "La cuenta de Twilio no está activa: mira sus avisos en la consola."},
    {20404, 20404, "Check account_sid: these credentials belong to another account.",
     "Revisa account_sid: estas credenciales son de otra cuenta."},
    {21408, 21408,
     "The account may not send to that country: allow it in the console, Messaging, Settings, Geo "
     "permissions.",
     "La cuenta no puede enviar a ese país: permítelo en la consola, en Messaging, Settings, Geo "
     "permissions."},
    {21609, 21609,
     "Twilio does not take the callback address: server.public_url must be one that the whole "
     "Internet reaches, with no underscore in its host.",
     "Twilio no acepta la dirección de los avisos: server.public_url debe ser alcanzable desde "
     "todo Internet y su host no puede llevar guion bajo."},
    {21611, 21611, "Twilio's queue for this sender is full: wait, or send from more than one.",
     "La cola de este remitente en Twilio está llena: espera, o envía desde más de uno."},
    {30001, 30001, "Twilio's queue for this sender is full: wait, or send from more than one.",
     "La cola de este remitente en Twilio está llena: espera, o envía desde más de uno."},
    {30002, 30002, "The Twilio account is suspended: look at its balance and its notices.",
     "La cuenta de Twilio está suspendida: mira su saldo y sus avisos."},
    {63038, 63038,
     "The account has used up its messages of today; it may send again tomorrow (UTC). A trial "
     "account has few: upgrade it.",
     "La cuenta agotó sus mensajes de hoy; podrá enviar mañana (UTC). Una cuenta de prueba tiene "
     "pocos: pásala a una de pago."},
    {63051, 63051,
     "Meta locked the WhatsApp Business account: look at its notices in Meta Business Manager.",
     "Meta bloqueó la cuenta de WhatsApp Business: mira sus avisos en Meta Business Manager."},

    /* the sender */
    {21212, 21212, "Check from: it is not a number that can send.",
     "Revisa from: no es un número que pueda enviar."},
    {21603, 21603, "Set from, or messaging_service_sid.", "Pon from, o messaging_service_sid."},
    {21606, 21606, "Check from: that number of the account cannot send messages.",
     "Revisa from: ese número de la cuenta no puede enviar mensajes."},
    {21703, 21705,
     "Check messaging_service_sid: there is no such service in this account, or it has no WhatsApp "
     "sender.",
     "Revisa messaging_service_sid: no existe en esta cuenta, o no tiene un remitente de "
     "WhatsApp."},
    {21910, 21910, "Check from: it must be a WhatsApp sender, like whatsapp:+14155238886.",
     "Revisa from: debe ser un remitente de WhatsApp, como whatsapp:+14155238886."},
    {63001, 63001, "Look at the WhatsApp sender in Twilio's console: Meta does not let it in.",
     "Mira el remitente de WhatsApp en la consola de Twilio: Meta no lo deja entrar."},
    {63002, 63002, "Check from: WhatsApp does not know that sender.",
     "Revisa from: WhatsApp no conoce ese remitente."},
    {63007, 63007,
     "from is not a WhatsApp sender of this account: copy it from the console, Messaging, Senders, "
     "WhatsApp senders.",
     "from no es un remitente de WhatsApp de esta cuenta: cópialo de la consola, en Messaging, "
     "Senders, WhatsApp senders."},
    {63020, 63020,
     "Accept the invitation to Twilio in Meta Business Manager: without it the sender is not "
     "connected.",
     "Acepta la invitación de Twilio en Meta Business Manager: sin ella el remitente no está "
     "conectado."},
    {63018, 63018,
     "It is tried again by itself. If it comes often, raise the sender's limit at Meta.",
     "Se reintenta solo. Si se repite, sube el límite del remitente en Meta."},

    /* the person */
    {21211, 21211,
     "That person's number is not valid: write it with + and the code of the country.",
     "El número de esa persona no es válido: escríbelo con + y el código del país."},
    {21610, 21610,
     "That person wrote STOP to the sender: only by writing START to it do they get messages "
     "again.",
     "Esa persona le escribió STOP al remitente: para volver a recibir tiene que escribirle "
     "START."},
    {21614, 21614, "That number gets no messages: write a mobile that has WhatsApp.",
     "Ese número no recibe mensajes: escribe un celular que tenga WhatsApp."},
    {30005, 30005, "That number does not exist or is out of service: check it.",
     "Ese número no existe o está fuera de servicio: revísalo."},
    {63003, 63003, "WhatsApp does not find that number: check it, and that it has WhatsApp.",
     "WhatsApp no encuentra ese número: revísalo, y que tenga WhatsApp."},
    {63014, 63014, "That person blocked the sender on WhatsApp: they must unblock it.",
     "Esa persona bloqueó al remitente en WhatsApp: tiene que desbloquearlo."},
    {63015, 63015,
     "That person must send \"join\" and the two words of your sandbox to +1 415 523 8886 on "
     "WhatsApp; it lasts 3 days.",
     "Esa persona tiene que enviar «join» y las dos palabras de tu sandbox al +1 415 523 8886 por "
     "WhatsApp; dura 3 días."},
    {63016, 63016,
     "Free text only reaches people who wrote to the sender in the last 24 hours: set template.sid "
     "to an approved template.",
     "El texto libre solo llega a quien le escribió al remitente en las últimas 24 horas: pon en "
     "template.sid una plantilla aprobada."},
    {63024, 63024,
     "That number cannot get the message: it has no WhatsApp, too old a one, or Meta's terms are "
     "not accepted in it.",
     "Ese número no puede recibirlo: no tiene WhatsApp, es una versión muy vieja o no aceptó los "
     "términos de Meta."},
    {63031, 63031, "That person's number is the sender's: write another one.",
     "El número de esa persona es el del remitente: escribe otro."},
    {63032, 63032,
     "Meta keeps that person out of business messages for an experiment: give them another channel "
     "in notify.",
     "Meta tiene a esa persona en un experimento y no le entrega mensajes de empresas: dale otro "
     "canal en notify."},
    {63033, 63033, "That person blocked the sender on WhatsApp: they must unblock it.",
     "Esa persona bloqueó al remitente en WhatsApp: tiene que desbloquearlo."},

    /* the content */
    {21617, 21617, "The text is longer than 1600 characters: shorten message: in vendors.yaml.",
     "El texto pasa de 1600 caracteres: acorta message: en vendors.yaml."},
    {21654, 21655,
     "Check template.sid: copy the HX… of a template of this account from the Content Template "
     "Builder.",
     "Revisa template.sid: copia el HX… de una plantilla de esta cuenta en el Content Template "
     "Builder."},
    {21656, 21658, "Check template.variables: one for each {{1}}, {{2}}, … of the template.",
     "Revisa template.variables: una por cada {{1}}, {{2}}, … de la plantilla."},
    {63013, 63013,
     "WhatsApp does not allow this content: look at the template and at what fills it.",
     "WhatsApp no permite este contenido: revisa la plantilla y lo que la llena."},
    {63027, 63027,
     "The template is not approved in its language: look at it in the Content Template Builder.",
     "La plantilla no está aprobada en su idioma: revísala en el Content Template Builder."},
    {63028, 63028, "Check template.variables: one for each {{1}}, {{2}}, … of the template.",
     "Revisa template.variables: una por cada {{1}}, {{2}}, … de la plantilla."},
    {63040, 63040, "Meta rejected the template: correct it and send it to approval again.",
     "Meta rechazó la plantilla: corrígela y vuelve a enviarla a aprobación."},
    {63041, 63041,
     "Meta paused the template because people reported it: wait until the pause ends, or use "
     "another one.",
     "Meta puso en pausa la plantilla porque la reportaron: espera a que termine la pausa, o usa "
     "otra."},
    {63042, 63042, "Meta disabled the template for good: make another one.",
     "Meta desactivó la plantilla para siempre: haz otra."},
    {63049, 63049,
     "Meta chose not to deliver a template of the category MARKETING: make one of the category "
     "UTILITY.",
     "Meta decidió no entregar una plantilla de categoría MARKETING: haz una de categoría "
     "UTILITY."},
};

const char *advice_for(int32_t code)
{
    for (size_t i = 0; i < sizeof advices / sizeof advices[0]; i++) {
        if (code >= advices[i].first && code <= advices[i].last)
            return words(advices[i].english, advices[i].spanish);
    }
    return NULL;
}
