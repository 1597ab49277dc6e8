import sys

from prove import main

sys.exit(main(sys.argv[1:]))
