import { commandsOf } from './command.ts'
import type { Command, Program } from './command.ts'

/** The programs under a program, loaded, by the name each is called by. */
async function loadSubprograms({ programs }: Program): Promise<{ name: string; program: Program }[]> {
  return Promise.all(
    (programs?.[1] ?? []).map(async ({ name, load }) => ({ name, program: (await load()).program })),
  )
}

/** A program with the commands of those under it as its own, as they are typed: `flags list`. */
export async function withSubprograms(program: Program): Promise<Program> {
  const loaded = await loadSubprograms(program)
  const commands = loaded.flatMap((one) =>
    commandsOf(one.program).map((command): Command => ({
      ...command,
      name: command.name === one.program.fallback ? one.name : `${one.name} ${command.name}`,
    })),
  )
  const { programs, ...rest } = program
  return { ...rest, groups: [...program.groups, [programs?.[0] ?? '', commands]] }
}
