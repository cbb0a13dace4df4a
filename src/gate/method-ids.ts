/** AMQP 0-9-1 numbers (specification, sections 1 and 4.2): a method is `class << 16 | method`. Only those the gate must know. */
export const FRAME = { method: 1, header: 2, body: 3, heartbeat: 8, end: 0xce, overhead: 8, head: 7 } as const;

/** The eight bytes every AMQP 0-9-1 client says first. */
export const PREAMBLE = Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1]);

const id = (classId: number, methodId: number): number => (classId << 16) | methodId;

export const METHOD = {
  connectionStartOk: id(10, 11),
  connectionTune: id(10, 30),
  connectionTuneOk: id(10, 31),
  connectionOpenOk: id(10, 41),
  connectionClose: id(10, 50),
  connectionCloseOk: id(10, 51),
  connectionBlocked: id(10, 60),
  connectionUnblocked: id(10, 61),
  channelOpen: id(20, 10),
  channelClose: id(20, 40),
  channelCloseOk: id(20, 41),
  queueDeclare: id(50, 10),
  queueDeclareOk: id(50, 11),
  basicQos: id(60, 10),
  basicQosOk: id(60, 11),
  basicConsume: id(60, 20),
  basicConsumeOk: id(60, 21),
  basicCancel: id(60, 30),
  basicCancelOk: id(60, 31),
  basicPublish: id(60, 40),
  basicDeliver: id(60, 60),
  basicGet: id(60, 70),
  basicGetOk: id(60, 71),
  basicGetEmpty: id(60, 72),
  basicAck: id(60, 80),
  basicReject: id(60, 90),
  basicRecoverAsync: id(60, 100),
  basicRecover: id(60, 110),
  basicRecoverOk: id(60, 111),
  basicNack: id(60, 120),
  confirmSelect: id(85, 10),
  txSelect: id(90, 10),
  txCommit: id(90, 20),
  txCommitOk: id(90, 21),
  txRollback: id(90, 30),
  txRollbackOk: id(90, 31),
} as const;

/** Of a worker: basic.ack, nack or reject. */
export const isSettlement = (method: number): boolean =>
  method === METHOD.basicAck || method === METHOD.basicNack || method === METHOD.basicReject;
