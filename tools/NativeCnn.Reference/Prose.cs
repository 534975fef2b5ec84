namespace NativeCnn.Reference;

/// <summary>What the pages say that no class could.</summary>
internal static class Prose
{
    public const string Layers = """
        # Layers

        What every layer computes: formula, gradient, shapes, options with their defaults, what it refuses, and what becomes
        of NaN and infinity. How to add one is in [adding.md](adding.md); losses, optimisers, schedules and initialisers are
        in [learning.md](learning.md).

        Shapes are batch × height × width × channels, N×H×W×C; a signal has height 1, a vector height and width 1. x is a
        layer's input, y its output, dx and dy the gradients of the loss with respect to them; a gradient of a parameter is
        the sum over batch and positions, over every place where it is used. The examples read 1×8×8×4. Every constant is
        checked where it is given, every shape when the layer is added to a network: the message names the layer, what it
        reads and the rule. Options in JSON are the members of the layer's object in a model file.

        Sources: [000] A. Torralba, lecture "Pyramids; learned feedforward visual processing", 2016; [001] A.
        Mendez-Vazquez, lecture "Convolutional networks", 2019; [002] lecture slides on AlexNet, VGG, ResNet and batch
        normalisation; [003] course notes "Convolutional neural networks"; [004] J. Bouvrie, "Notes on convolutional neural
        networks", 2006. Where their formulas are mis-set, the ones here are meant.

        """;

    public const string Pictures = """"

        ## Pictures

        Made by `nativecnn show` from a digit that the program draws. Each pixel is a square; a layer's maps are black where its
        smallest value is and white where its largest is.

        Contrast normalisation: the digit, without its local mean, and that divided by its local deviation. What is left is grey
        where nothing changes, dark around every stroke and brightest along it; the division brings out the weak noise of the
        background.

        ```bash
        ./nativecnn show --index 2 --square 6 --out docs/pictures/contrast \
          --apply '{"kind":"subtractive-norm","size":9,"sigma":2}' \
          --apply '{"kind":"divisive-norm","size":9,"sigma":2,"constant":0}'
        ```

        | the digit | subtractive | subtractive, then divisive |
        | --- | --- | --- |
        | ![A white 4 on black](pictures/contrast/input.png) | ![The 4 on grey, dark around its strokes](pictures/contrast/subtractive-norm1.png) | ![The same with more contrast and visible noise](pictures/contrast/divisive-norm1.png) |

        Pooling the same digit over blocks of 4×4: the maximum makes strokes wider, the mean blurs them, the root of the mean
        square lies between, and skipping takes whatever is there.

        ```bash
        for layer in '"kind":"max-pooling"' '"kind":"average-pooling","count_padding":false' '"kind":"l2-pooling","count_padding":false'; do
          ./nativecnn show --index 2 --square 24 --out docs/pictures/pooling \
            --apply "{$layer,\"window\":[4,4],\"stride\":[4,4],\"padding\":[0,0,0,0]}"
        done
        ./nativecnn show --index 2 --square 24 --out docs/pictures/pooling --apply '{"kind":"skipping","step":[4,4]}'
        ```

        | maximum | mean | root mean square | skipping |
        | --- | --- | --- | --- |
        | ![A wide, white 4 of 7×7 squares](pictures/pooling/max-pooling1.png) | ![A blurred 4](pictures/pooling/average-pooling1.png) | ![A blurred 4, brighter](pictures/pooling/l2-pooling1.png) | ![A 4 with holes](pictures/pooling/skipping1.png) |

        LeNet after one epoch on drawn digits: the 20 filters of its first convolution, white where they add and black where they
        take away; what they make of the digit, strokes and edges of some direction each; and the 50 maps of the second
        convolution, which tell where on the digit something is rather than what it looks like. After one epoch the filters are
        still close to the random numbers that they began with.

        ```bash
        ./nativecnn train --data digits --epochs 1 --out out
        ./nativecnn show --weights out/lenet.safetensors --index 2 --out docs/pictures/lenet \
          --layer convolution1 --layer convolution2
        ```

        ![20 filters of 5×5 squares in grey](pictures/lenet/convolution1.filters.png)

        ![20 maps of the 4, some light, some dark, some with its edges alone](pictures/lenet/convolution1.png)

        ![50 small, coarse maps](pictures/lenet/convolution2.png)

        """";

    public const string Learning = """
        # Learning

        Losses, penalties, optimisers, schedules, initialisers and clipping: what each computes, and its options with their
        defaults. What layers compute is in [layers.md](layers.md).

        """;
}
