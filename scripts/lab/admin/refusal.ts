/** A request to the admin API that is not carried out. Nothing was changed. */
export class Refusal extends Error {
  /** HTTP status: 400 wrong, 403 not from here, 404 unknown, 405 wrong method, 409 not now, 413 too large. */
  readonly status: number
  readonly remedy: string

  constructor(status: number, error: string, remedy: string) {
    super(error)
    this.status = status
    this.remedy = remedy
  }
}
