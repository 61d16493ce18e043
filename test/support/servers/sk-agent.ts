import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { createServer } from 'node:net'
import { sshStructure } from '../../../runner/journal/verify/sshsig.ts'

/** An ssh-agent that holds one security key made of software. */
export interface SkAgent {
  /** The public key as allowed_signers has it. */
  line: string
  /** For the environment of whoever signs with it. */
  env: { SSH_AUTH_SOCK: string; RUNBOOK_SIGNING_KEY: string }
  [Symbol.asyncDispose](): Promise<void>
}

const type = 'sk-ssh-ed25519@openssh.com'
const byte = (...bytes: number[]): Buffer => Buffer.from(bytes)
const digest = (of: string | Buffer): Buffer => createHash('sha256').update(of).digest()

/** Starts one at a socket. Its signatures say what `flags` says: 1 touched, 4 verified. */
export async function skAgent(
  path: string,
  { flags = 5, application = 'ssh:runbook' } = {},
): Promise<SkAgent> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const key = sshStructure(type, publicKey.export({ type: 'spki', format: 'der' }).subarray(-32), application)
  const answer = (asked: Buffer): Buffer => {
    if (asked[0] === 11) return Buffer.concat([byte(12, 0, 0, 0, 1), sshStructure(key, 'test')])
    if (asked[0] !== 13) return byte(5)
    const at = 5 + asked.readUInt32BE(1)
    const text = asked.subarray(at + 4, at + 4 + asked.readUInt32BE(at))
    const more = byte(flags, 0, 0, 0, 9)
    const made = sign(null, Buffer.concat([digest(application), more, digest(text)]), privateKey)
    return Buffer.concat([byte(14), sshStructure(Buffer.concat([sshStructure(type, made), more]))])
  }
  const server = createServer((socket) => {
    let read = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      read = Buffer.concat([read, chunk])
      while (read.length >= 4 && read.length >= 4 + read.readUInt32BE(0)) {
        const length = read.readUInt32BE(0)
        socket.write(sshStructure(answer(read.subarray(4, 4 + length))))
        read = read.subarray(4 + length)
      }
    })
    socket.on('error', () => {})
  })
  await new Promise<void>((done) => server.listen(path, done))
  const line = `${type} ${key.toString('base64')}`
  return {
    line,
    env: { SSH_AUTH_SOCK: path, RUNBOOK_SIGNING_KEY: line },
    [Symbol.asyncDispose]: () => new Promise((done) => server.close(() => done())),
  }
}
