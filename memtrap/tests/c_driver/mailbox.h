/* A mailbox controller, described as CMSIS device headers describe a peripheral. */
#ifndef MAILBOX_H
#define MAILBOX_H

#include <stdint.h>

#define __I volatile const
#define __O volatile
#define __IO volatile

typedef struct {
    uint32_t id;
    uint16_t length;
    uint16_t flags;
    uint8_t data[24];
} MAILBOX_Message;

typedef struct {
    union {
        __IO uint32_t CTRL;
        __IO struct {
            uint32_t ENABLE : 1;
            uint32_t LOOPBACK : 1;
            uint32_t : 6;
            uint32_t DIVIDER : 8;
            uint32_t PRIORITY : 4;
            uint32_t : 12;
        } CTRL_b;
    };
    union {
        __I uint32_t STATUS;
        __I struct {
            uint32_t READY : 1;
            uint32_t BUSY : 1;
            uint32_t : 6;
            uint32_t LEVEL : 8;
            uint32_t : 16;
        } STATUS_b;
    };
    __O uint32_t COMMAND;
    __IO uint32_t EVENTS; /* Write one to clear. */
    __IO uint32_t SENT;   /* Counts; any write clears it. */
    uint32_t RESERVED[3];
    __I uint8_t ID[4];
    uint32_t RESERVED2[55];
    __IO MAILBOX_Message TX[2];
    uint32_t RESERVED3[48];
    __I MAILBOX_Message RX;
} MAILBOX_TypeDef;

#define MAILBOX_COMMAND_SEND(slot) (0x100u | (slot))
#define MAILBOX_COMMAND_RELEASE 0x200u
#define MAILBOX_EVENTS_SENT (1u << 0)
#define MAILBOX_EVENTS_RECEIVED (1u << 1)

/* Those that return an int return a negative number if the controller is not as it should be. */
int mailbox_init(MAILBOX_TypeDef *mailbox, uint32_t divider);
int mailbox_send(MAILBOX_TypeDef *mailbox, uint32_t slot, const MAILBOX_Message *message);
int mailbox_receive(MAILBOX_TypeDef *mailbox, MAILBOX_Message *message);
int mailbox_receive_data(MAILBOX_TypeDef *mailbox, uint8_t *data, uint32_t size);
void mailbox_raise_priority(MAILBOX_TypeDef *mailbox);
uint32_t mailbox_take_sent(MAILBOX_TypeDef *mailbox);

#endif
