import { expect, test } from 'vitest'
import { divideWords, joinWords } from './divide-words.ts'

test('words of scripts without spaces are divided, and other text stays unchanged', () => {
  expect(divideWords('检查磁盘空间')).toBe(' 检查 磁盘 空间 ')
  expect(divideWords('ディスク容量')).toBe(' ディスク 容量 ')
  expect(divideWords('Größe der Disk, C++ and C#')).toBe('Größe der Disk, C++ and C#')
})

test('what is shown has no spaces that the author did not write', () => {
  expect(joinWords(divideWords('检查磁盘空间是否不足。请先看。')).trim()).toBe(
    '检查磁盘空间是否不足。请先看。',
  )
  expect(joinWords('检查 <mark>磁盘</mark> 空间')).toBe('检查<mark>磁盘</mark>空间')
  expect(joinWords('two words')).toBe('two words')
})
