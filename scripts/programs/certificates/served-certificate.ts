import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { connect } from 'node:tls'

/** The certificates of a TLS server. */
export interface ServedCertificate {
  /** Its certificate first, then those that signed it, as the server sends them. */
  chain: X509Certificate[]
  /** Why it is not trusted; undefined when it is. */
  problem: string | undefined
}

/**
 * Asks a server for its certificate. The handshake is finished, and no byte is sent after it.
 * @param ca PEM of what is trusted beside the certificates of the system
 * @throws when the server does not answer, or does not speak TLS
 */
export async function servedCertificate(
  { host, port, name }: { host: string; port: number; name: string },
  ca: string | undefined,
  limitMs: number,
): Promise<ServedCertificate> {
  return await new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      ...(isIP(name) === 0 ? { servername: name } : {}),
      rejectUnauthorized: false,
      // The name is judged with those of files, by one rule.
      checkServerIdentity: () => undefined,
      timeout: limitMs,
      ...(ca === undefined ? {} : { ca }),
    })
    socket.once('timeout', () => socket.destroy(new Error(`no answer within ${limitMs / 1000} s`)))
    socket.once('error', reject)
    socket.once('secureConnect', () => {
      const chain: X509Certificate[] = []
      for (
        let one = socket.getPeerX509Certificate();
        one !== undefined && chain.length < 10;
        one = one.issuerCertificate
      )
        chain.push(one)
      const why = socket.authorizationError
      socket.end()
      // Where its time is over, the judgement of times says so better.
      const expired = String(why) === 'CERT_HAS_EXPIRED'
      resolve({
        chain,
        problem: socket.authorized || expired ? undefined : `it is not trusted: ${String(why)}`,
      })
    })
  })
}
