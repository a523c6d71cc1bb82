/** Why the service can't run; the CLI turns each into a message of its own. */
export type ServiceFaultCode =
  /** Another program listens on the port. */
  | 'PORT_IN_USE'
  /** The port needs rights that we don't have. */
  | 'PORT_NOT_ALLOWED'
  /** Another service has the data folder open. */
  | 'DATA_DIR_IN_USE'
  /** The data folder can't be made, read or written, or its content can't be read. */
  | 'DATA_DIR_UNUSABLE'
  /** The client of a real cluster isn't installed. */
  | 'CLIENT_MISSING'

export class ServiceFault extends Error {
  override readonly name = 'ServiceFault'

  constructor(
    readonly code: ServiceFaultCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
