// Answers /media/… ranges out of sealed bytes.
