const credential = /^((proxy-)?authorization|(set-)?cookie|x-api-key|.*token.*|.*secret.*)$/i

/** Whether a header of this name proves who asks: it is shown nowhere, and goes to no other origin. */
export function isCredential(header: string): boolean {
  return credential.test(header)
}
