import { readArgs } from '../kit/args.ts'
import { CliError } from '../kit/error.ts'
import { exit } from '../kit/exit.ts'
import { asCalled, printable, systemIo } from '../kit/io.ts'
import type { Io } from '../kit/io.ts'
import { version } from '../kit/version.ts'

process.exitCode = await main(process.argv.slice(2))

async function main(argv: readonly string[]): Promise<number> {
  const io = systemIo({
    json: argv.includes('--json'),
    quiet: argv.includes('--quiet') || argv.includes('-q'),
    noInput: argv.includes('--no-input'),
    noColor: argv.includes('--no-color'),
  })
  try {
    return await dispatch(argv, io)
  } catch (error) {
    return report(error, io)
  }
}

async function dispatch(argv: readonly string[], io: Io): Promise<number> {
  const { command, positionals, options } = readArgs(argv)
  if (options['version'] === true) io.out(version)
  else if (!command || options['help'] === true) {
    const { commandHelp, overview } = await import('../kit/help.ts')
    io.out(command ? commandHelp(command) : overview())
    if (!command && options['help'] !== true) return exit.usage
  } else {
    return (await command.load()).run({ io, positionals, options })
  }
  return exit.done
}

async function report(error: unknown, io: Io): Promise<number> {
  if (error instanceof CliError) {
    process.stderr.write(
      `${io.style('red', 'error:')} ${printable(error.message)}\n  hint: ${printable(asCalled(error.hint, io))}\n`,
    )
    return error.exitCode
  }
  const { describeFailure } = await import('../kit/failure.ts')
  const { text, code } = describeFailure(error)
  process.stderr.write(asCalled(text, io).replace(/^error:/, io.style('red', 'error:')))
  return code
}
