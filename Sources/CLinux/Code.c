// Code and constants, which the kernel can read again from the files of the program and its libraries.
#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct {
  uintptr_t start, end;
} stretch;

static uintptr_t page_size(void) { return (uintptr_t)sysconf(_SC_PAGESIZE); }

// The bytes at `offset`, to be freed; NULL where they are not there.
static void *bytes_of(int fd, off_t offset, size_t length) {
  void *bytes = length > 0 && length < (1 << 24) ? malloc(length) : NULL;
  if (bytes && pread(fd, bytes, length, offset) == (ssize_t)length) return bytes;
  free(bytes);
  return NULL;
}

// Whole pages of constants that Swift's compiler has put beside what may be written: the section `.rodata` with SHF_WRITE.
static stretch written_constants(int fd, uintptr_t base) {
  stretch found = {0, 0};
  ElfW(Ehdr) header;
  if (pread(fd, &header, sizeof(header), 0) != sizeof(header) || memcmp(header.e_ident, ELFMAG, SELFMAG)) return found;
  ElfW(Shdr) *sections = bytes_of(fd, (off_t)header.e_shoff, header.e_shnum * sizeof(ElfW(Shdr)));
  if (!sections || header.e_shstrndx >= header.e_shnum) return free(sections), found;
  ElfW(Shdr) names = sections[header.e_shstrndx];
  char *text = bytes_of(fd, (off_t)names.sh_offset, names.sh_size);
  if (text) text[names.sh_size - 1] = 0;
  for (int index = 0; text && index < header.e_shnum; index++) {
    ElfW(Shdr) one = sections[index];
    if (!(one.sh_flags & SHF_WRITE) || one.sh_name >= names.sh_size || strcmp(text + one.sh_name, ".rodata")) continue;
    found.start = (base + one.sh_addr + page_size() - 1) & ~(page_size() - 1);
    found.end = (base + one.sh_addr + one.sh_size) & ~(page_size() - 1);
  }
  free(text);
  free(sections);
  return found;
}

// Lets go of the pages that are still the file's: one that a relocation has written is the process's own, and stays. Nothing
// else writes there, so that no page changes between the look and the act. Bits 63 and 61: Documentation/admin-guide/mm/pagemap.rst.
static void release_unchanged(int pagemap, stretch range) {
  uintptr_t page = page_size();
  for (uintptr_t at = range.start; at < range.end;) {
    uint64_t entries[512];
    size_t count = (range.end - at) / page < 512 ? (range.end - at) / page : 512;
    if (pread(pagemap, entries, count * 8, (off_t)(at / page * 8)) != (ssize_t)(count * 8)) return;
    for (size_t index = 0; index < count; index++) {
      if (entries[index] >> 63 && entries[index] >> 61 & 1) madvise((void *)(at + index * page), page, MADV_DONTNEED);
    }
    at += count * page;
  }
}

// Of the program alone: its file is certainly the one that was started, a library's may have been replaced meanwhile.
static void release_constants(uintptr_t base) {
  int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  if (pagemap >= 0 && file >= 0) release_unchanged(pagemap, written_constants(file, base));
  if (pagemap >= 0) close(pagemap);
  if (file >= 0) close(file);
}

static int release_object(struct dl_phdr_info *object, size_t size, void *unused) {
  (void)size;
  (void)unused;
  for (int index = 0; index < object->dlpi_phnum; index++) {
    const ElfW(Phdr) *part = &object->dlpi_phdr[index];
    // What may be written (relocations too) would be lost: it stays.
    if (part->p_type != PT_LOAD || (part->p_flags & PF_W)) continue;
    uintptr_t start = (object->dlpi_addr + part->p_vaddr) & ~(page_size() - 1);
    uintptr_t end = (object->dlpi_addr + part->p_vaddr + part->p_memsz + page_size() - 1) & ~(page_size() - 1);
    // A part shares its last page with nobody: segments of different rights begin on pages of their own.
    madvise((void *)start, end - start, MADV_DONTNEED);
  }
  // The program is the one without a name.
  if (!object->dlpi_name || !object->dlpi_name[0]) release_constants(object->dlpi_addr);
  return 0;
}

void clinux_code_release(void) { dl_iterate_phdr(release_object, NULL); }
