// A file system without locks: every flock fails with the error that FLOCK_ERRNO names.

#include <cerrno>
#include <cstdlib>

extern "C" int flock(int, int) {
  errno = std::atoi(std::getenv("FLOCK_ERRNO"));
  return -1;
}
