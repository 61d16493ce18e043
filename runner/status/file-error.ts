/** A file beside the runbooks that cannot be read as what it is; the message names it. */
export class StatusFileError extends Error {
  override name = 'StatusFileError'
}
