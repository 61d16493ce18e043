/** One file of an archive: its name with forward slashes, at most 100 bytes, and its content. */
export interface TarFile {
  name: string
  content: Uint8Array
}

const BLOCK = 512

/** An archive in the ustar form, the same bytes for the same files: no owner, no clock. @throws {RangeError} for a longer name */
export function tar(files: readonly TarFile[], mtime: number): Buffer {
  const parts = files.flatMap(({ name, content }) => {
    const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)
    return [header(name, content.length, mtime), Buffer.from(content), padding]
  })
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)])
}

function header(name: string, size: number, mtime: number): Buffer {
  const block = Buffer.alloc(BLOCK)
  if (Buffer.byteLength(name) > 100) throw new RangeError(`The name ${name} is longer than 100 bytes`)
  block.write(name, 0)
  block.write('0000644\0', 100)
  block.write('0000000\0', 108)
  block.write('0000000\0', 116)
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  block.write(`${mtime.toString(8).padStart(11, '0')}\0`, 136)
  // The sum is taken with its own field as spaces.
  block.fill(' ', 148, 156)
  block.write('0', 156)
  block.write('ustar\x0000', 257)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}
