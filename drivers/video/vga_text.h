/* vga_text.h - the 80 by 25 text screen of every PC. */
#pragma once

/* vga_text_init - clear the screen and register it as the console "vga". */
void vga_text_init(void);
