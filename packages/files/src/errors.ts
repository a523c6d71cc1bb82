/** Why a file could not be used, for callers that handle some cases and not others. */
export type FileErrorCode =
  /** Neither HOME nor the user database names a home directory. */
  | 'no_home'
  /** A variable that must hold an absolute path doesn't. */
  | 'relative_path'
  /** The current directory was removed. */
  | 'no_current_directory'
  /** The system refused to read it. */
  | 'unreadable'
  /** A directory, FIFO, socket or device where a file should be. */
  | 'not_a_file'
  /** Another user owns it. */
  | 'not_owned'
  /** Other users can write to it. */
  | 'writable_by_others'
  | 'too_large'
  | 'not_utf8'
  /** The system refused to write it: full or read-only disk, no permission. */
  | 'not_written'

export interface FileErrorDetails {
  path?: string
  /** `ENOSPC`, `EACCES`, …, where the system refused. */
  errno?: string
  /** The words of a command that fixes it; the caller quotes them for a shell. */
  fix?: string[]
  /** What to do where no single command fixes it. */
  hint?: string
  cause?: unknown
}

/** A complete sentence about one file, without secrets. */
export class FileError extends Error {
  override readonly name = 'FileError'

  constructor(
    readonly code: FileErrorCode,
    message: string,
    readonly details: FileErrorDetails = {},
  ) {
    super(message, details.cause === undefined ? undefined : {cause: details.cause})
  }
}

/** By name: an installed plugin may bring a second copy of this package. */
export function isFileError(error: unknown): error is FileError {
  return error instanceof Error && error.name === 'FileError'
}

/** `error.code` of Node's own errors: `ENOENT`. */
export function errnoOf(error: unknown): string | undefined {
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  return typeof code === 'string' ? code : undefined
}

const REASONS: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file is larger than allowed',
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  ENOTDIR: 'a parent of it is not a directory',
  EISDIR: 'it is a directory',
  ENOENT: 'no such file or directory',
  EEXIST: 'it exists',
  ELOOP: 'too many symbolic links',
  EIO: 'input/output error',
  EMFILE: 'too many open files',
  ENAMETOOLONG: 'the path is too long',
}

/** `the disk is full (ENOSPC)`. */
export function reasonOf(error: unknown): string {
  const errno = errnoOf(error)
  if (errno === undefined) return error instanceof Error ? error.message : String(error)
  return errno in REASONS ? `${REASONS[errno]} (${errno})` : errno
}

/** A failed write to `path` as a `FileError`; one that already is passes through. */
export function notWritten(path: string, error: unknown): FileError {
  if (isFileError(error)) return error
  const errno = errnoOf(error)
  return new FileError('not_written', `${path} could not be written: ${reasonOf(error)}.`, {
    path,
    ...(errno !== undefined && {errno}),
    cause: error,
  })
}
