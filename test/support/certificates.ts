import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A certificate authority of a test, and what it signed, as files of a folder. */
export interface TestAuthority {
  ca: string
  /** Makes `NAME.pem` (with its chain) and `NAME.key`, for a host, ending after so many days. */
  issue(name: string, host: string, days: number): { certificate: string; key: string }
}

/** Makes an authority with openssl. */
export function testAuthority(folder: string): TestAuthority {
  const at = (name: string): string => join(folder, name)
  const openssl = (...args: string[]): void =>
    void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '400',
    '-subj',
    '/CN=Test CA',
  )
  return {
    ca: at('ca.pem'),
    issue(name, host, days) {
      writeFileSync(at(`${name}.ext`), `subjectAltName=DNS:${host},IP:127.0.0.1\n`)
      openssl('req', '-new', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${host}`)
      const signed = [
        'x509',
        '-req',
        '-in',
        `${name}.csr`,
        '-CA',
        'ca.pem',
        '-CAkey',
        'ca.key',
        '-CAcreateserial',
      ]
      openssl(...signed, '-out', `${name}.pem`, '-days', String(days), '-extfile', `${name}.ext`)
      return { certificate: at(`${name}.pem`), key: at(`${name}.key`) }
    },
  }
}
