/** Why the service can't run; the CLI turns each into a message of its own. */
export type ServiceFaultCode =
  /** Another program listens on the port. */
  | 'PORT_IN_USE'
  /** The port needs privileges that this process doesn't have. */
  | 'PORT_NOT_ALLOWED'
  /** Another service has the data directory open. */
  | 'DATA_DIR_IN_USE'
  /** The data directory can't be created, read or written, or a part of it is missing or damaged. */
  | 'DATA_DIR_UNUSABLE'
  /** The client of a real cluster isn't installed. */
  | 'CLIENT_MISSING'
  /** The databases are kept by something other than what this start names. */
  | 'OTHER_BACKEND'

/** What makes a data directory usable again; undefined: what the message says. */
export type Remedy =
  /** Its content is damaged: nothing but removing it helps, unless there is a backup. */
  | 'reset'
  /** The disk is full. */
  | 'free-space'
  /** This process may not write there, so another directory is needed. */
  | 'other-directory'

export class ServiceFault extends Error {
  override readonly name = 'ServiceFault'
  readonly remedy: Remedy | undefined
  /** Flags of `start` that are right, where the given ones are not. */
  readonly startFlags: readonly string[] | undefined

  constructor(
    readonly code: ServiceFaultCode,
    message: string,
    options: ErrorOptions & {remedy?: Remedy; startFlags?: readonly string[]} = {},
  ) {
    super(message, options)
    this.remedy = options.remedy
    this.startFlags = options.startFlags
  }
}

const FULL: Record<string, string> = {ENOSPC: 'the disk is full', EDQUOT: 'the disk quota is used up'}

const NOT_WRITABLE: Record<string, string> = {
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  ENOTDIR: 'a part of the path is not a directory',
  EISDIR: 'a directory is in the place of a file',
  EEXIST: 'a file is in the place of the directory',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the path is too long',
  ENOENT: 'there is no such directory',
}

/**
 * A failure of the file system or of SQLite while using a data directory. Only content that is damaged has `reset` for a
 * remedy: what can't be read or written at the moment is not lost.
 *
 * @param what the subject of the sentence: `The data directory /x`
 * @returns undefined if `error` is neither
 */
export function dataDirFault(what: string, error: unknown): ServiceFault | undefined {
  if (error instanceof ServiceFault) return error
  const {code, message} = error as {code?: unknown; message?: unknown}
  if (typeof code !== 'string') return undefined
  const fault = (reason: string, remedy?: Remedy) =>
    new ServiceFault('DATA_DIR_UNUSABLE', `${what} can't be used: ${reason}.`, {cause: error, ...(remedy && {remedy})})
  if (code in FULL) return fault(FULL[code]!, 'free-space')
  if (code in NOT_WRITABLE) return fault(NOT_WRITABLE[code]!, 'other-directory')
  if (/^E[A-Z]+$/.test(code)) return fault(String(message))
  if (/^SQLITE_FULL/.test(code)) return fault(FULL.ENOSPC!, 'free-space')
  if (/^SQLITE_(READONLY|PERM|CANTOPEN|AUTH)/.test(code)) return fault("it can't be written", 'other-directory')
  if (/^SQLITE_(NOTADB|CORRUPT)/.test(code)) return fault(`its content is damaged (${String(message)})`, 'reset')
  return /^SQLITE_/.test(code) ? fault(String(message)) : undefined
}
