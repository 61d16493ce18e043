import { buffer } from 'node:stream/consumers'
import { pack } from 'tar-stream'

/** One file of an archive: its name with forward slashes, and its content. */
export interface TarFile {
  name: string
  content: Uint8Array
}

/**
 * An archive, the same bytes for the same files: no owner, no clock.
 * @param mtime the time of every file, in seconds since 1970
 */
export async function tar(files: readonly TarFile[], mtime: number): Promise<Buffer> {
  const archive = pack()
  const read = buffer(archive)
  for (const { name, content } of files)
    archive.entry({ name, mode: 0o644, uid: 0, gid: 0, mtime: new Date(mtime * 1000) }, Buffer.from(content))
  archive.finalize()
  return await read
}
