import { expect, test } from 'vitest'
import { namesInCode } from './names-in-code.ts'

const names = new Set(['version', 'env'])

function placesOf(code: string, lang = 'bash'): string[] {
  return namesInCode(code, lang, names).map(({ start, end }) => `${start}:${code.slice(start, end)}`)
}

test('a name is found bare, in braces and in double quotes', () => {
  expect(placesOf('echo $version ${env} "v$version"')).toEqual(['5:$version', '14:${env}', '23:$version'])
})

test('what a shell keeps literal is left alone', () => {
  expect(placesOf(`echo '$version' \\$version "it's $env"`)).toEqual(['32:$env'])
  expect(placesOf(`x="$(jq --arg v "$version" '.a == $version' f)" $env`)).toEqual(['17:$version', '48:$env'])
  expect(placesOf('true # $version\necho $env')).toEqual(['21:$env'])
  expect(placesOf("cat <<'EOF'\n$version\nEOF\necho $env")).toEqual(['30:$env'])
  expect(placesOf('cat <<EOF\n$version\nEOF')).toEqual(['10:$version'])
})

test('only declared names count, and whole ones', () => {
  expect(placesOf('echo $versions $VERSION $1 ${version:-x} $other')).toEqual([])
})

test('elsewhere a template is the place of a value', () => {
  expect(namesInCode('GET http://x/?v=${{ inputs.version }}\nX: ${{inputs.env}}', 'http', names)).toEqual([
    { name: 'version', start: 16, end: 37, url: true },
    { name: 'env', start: 41, end: 56, url: false },
  ])
  const [base, part] = namesInCode('GET ${{ inputs.env }}/${{ inputs.version }}', 'http', names)
  expect([base?.url, part?.url]).toEqual([false, true])
})
