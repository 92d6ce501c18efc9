/* Its driver, with the habits of vendors' C code: bit-fields, struct copies, memcpy, read-modify-write, polling. */
#include "mailbox.h"
#include <stddef.h>
#include <string.h>

_Static_assert(offsetof(MAILBOX_TypeDef, ID) == 0x20, "as in the data sheet");
_Static_assert(offsetof(MAILBOX_TypeDef, TX) == 0x100, "as in the data sheet");
_Static_assert(offsetof(MAILBOX_TypeDef, RX) == 0x200, "as in the data sheet");

int mailbox_init(MAILBOX_TypeDef *mailbox, uint32_t divider)
{
    static const uint8_t id[4] = {'M', 'B', 'O', 'X'};

    for (unsigned i = 0; i < sizeof id; i++)
        if (mailbox->ID[i] != id[i])
            return -1;
    mailbox->CTRL = 0;
    mailbox->CTRL_b.DIVIDER = divider;
    mailbox->CTRL |= 1u << 1; /* LOOPBACK */
    mailbox->CTRL_b.ENABLE = 1;
    while (!mailbox->STATUS_b.READY)
        ;
    mailbox->EVENTS = MAILBOX_EVENTS_SENT | MAILBOX_EVENTS_RECEIVED;
    return mailbox->CTRL_b.DIVIDER == divider ? 0 : -2;
}

int mailbox_send(MAILBOX_TypeDef *mailbox, uint32_t slot, const MAILBOX_Message *message)
{
    while (mailbox->STATUS_b.BUSY)
        ;
    mailbox->TX[slot] = *message;
    mailbox->COMMAND = MAILBOX_COMMAND_SEND(slot);
    while (!(mailbox->EVENTS & MAILBOX_EVENTS_SENT))
        ;
    mailbox->EVENTS = MAILBOX_EVENTS_SENT;
    return 0;
}

int mailbox_receive(MAILBOX_TypeDef *mailbox, MAILBOX_Message *message)
{
    if (mailbox->STATUS_b.LEVEL == 0)
        return -1;
    memcpy(message, (const void *)&mailbox->RX, sizeof *message);
    mailbox->COMMAND = MAILBOX_COMMAND_RELEASE;
    mailbox->EVENTS = MAILBOX_EVENTS_RECEIVED;
    return 0;
}

int mailbox_receive_data(MAILBOX_TypeDef *mailbox, uint8_t *data, uint32_t size)
{
    uint32_t length = mailbox->RX.length;

    if (mailbox->STATUS_b.LEVEL == 0 || length > size)
        return -1;
    memcpy(data, (const void *)mailbox->RX.data, length);
    mailbox->COMMAND = MAILBOX_COMMAND_RELEASE;
    return (int)length;
}

void mailbox_raise_priority(MAILBOX_TypeDef *mailbox)
{
    mailbox->CTRL_b.PRIORITY++;
}

uint32_t mailbox_take_sent(MAILBOX_TypeDef *mailbox)
{
    uint32_t sent = mailbox->SENT;

    mailbox->SENT = 0;
    return sent;
}
