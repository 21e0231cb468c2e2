/** Message ids of the peer protocol: BEP 3, the port of BEP 5, the fast extension of BEP 6, the extension protocol of BEP 10 and the hashes of BEP 52. */
export const MESSAGE_ID = {
  choke: 0,
  unchoke: 1,
  interested: 2,
  notInterested: 3,
  have: 4,
  bitfield: 5,
  request: 6,
  piece: 7,
  cancel: 8,
  port: 9,
  suggest: 13,
  haveAll: 14,
  haveNone: 15,
  reject: 16,
  allowedFast: 17,
  extended: 20,
  hashRequest: 21,
  hashes: 22,
  hashReject: 23,
} as const

/** Length prefix and id, which start every message but the keep-alive. */
export const MESSAGE_HEADER_BYTES = 5
