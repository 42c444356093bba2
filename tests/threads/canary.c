// Two threads of one OpenMP region write to one number. ThreadSanitizer must say so: if it does not, its silence about
// everything else means nothing.

#include <omp.h>
#include <stdio.h>

int main(void)
{
    static int shared_number;
    int mine = 0;

#pragma omp parallel num_threads(2) default(none) shared(shared_number) reduction(+ : mine)
    for (int i = 0; i < 100000; i++) {
        shared_number++;
        mine += shared_number >= 0;
    }
    return mine == 0;
}
