/** Many byte strings as one automaton (Aho and Corasick): one step for each byte, however many there are. */
export interface Automaton {
  /** A state is the place of its row in `next`; shifted right by this it is the state's number. */
  shift: number
  /** Column of each byte; bytes in no string share column 0, which leads back to the beginning. */
  column: Uint8Array
  /** Whether a byte begins a string. */
  first: Uint8Array
  /** Next state by state and column. */
  next: Int32Array
  /** By number of the state: how many bytes before the current place may belong to a string. */
  depth: Int32Array
  /** By number of the state: length of the longest string that ends there; 0 when none does. */
  longest: Int32Array
  /** Length of the longest string; 1 when there is none. */
  most: number
}

/** Builds the automaton of the strings; empty ones are left out. */
export function automatonOf(needles: readonly Uint8Array[]): Automaton {
  const column = new Uint8Array(256)
  let columns = 1
  for (const needle of needles)
    for (const byte of needle) if (column[byte] === 0 && columns < 256) column[byte] = columns++
  const shift = Math.ceil(Math.log2(Math.max(2, columns)))
  const states = needles.reduce((sum, needle) => sum + needle.length, 1)
  const next = new Int32Array(states << shift)
  const [depth, longest] = [new Int32Array(states), new Int32Array(states)]
  let free = 1
  for (const needle of needles) {
    let row = 0
    for (const byte of needle) {
      const edge = row + (column[byte] as number)
      if (next[edge] === 0) {
        depth[free] = (depth[row >> shift] as number) + 1
        next[edge] = free++ << shift
      }
      row = next[edge] as number
    }
    longest[row >> shift] = needle.length
  }
  linkSuffixes({ next, longest, shift })
  const first = Uint8Array.from(column, (edge) => (next[edge] === 0 ? 0 : 1))
  const most = needles.reduce((length, needle) => Math.max(length, needle.length), 1)
  return { shift, column, first, next, depth, longest, most }
}

/** Completes the trie breadth first: where a path ends, it goes on at the longest suffix that is also a beginning. */
function linkSuffixes({ next, longest, shift }: Pick<Automaton, 'next' | 'longest' | 'shift'>): void {
  const columns = 1 << shift
  const suffix = new Int32Array(longest.length)
  const queue = [...new Set(next.subarray(0, columns))].filter((row) => row !== 0)
  for (let head = 0; head < queue.length; head++) {
    const row = queue[head] as number
    const back = suffix[row >> shift] as number
    longest[row >> shift] = Math.max(longest[row >> shift] as number, longest[back >> shift] as number)
    for (let edge = 0; edge < columns; edge++) {
      const child = next[row + edge] as number
      if (child === 0) next[row + edge] = next[back + edge] as number
      else {
        suffix[child >> shift] = next[back + edge] as number
        queue.push(child)
      }
    }
  }
}
