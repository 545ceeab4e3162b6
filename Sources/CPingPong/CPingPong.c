#include "CPingPong.h"
