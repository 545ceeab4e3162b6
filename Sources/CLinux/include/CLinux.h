#ifndef FABLINE_CLINUX_H
#define FABLINE_CLINUX_H
#endif
